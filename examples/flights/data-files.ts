/** DataFiles: where the files of the npm package vega-datasets are, which holds the flights and the names of the airports. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../../jobs/index.ts";

class DataMissingError extends MillraceError {
  readonly code = "ERR_FLIGHTS_DATA_MISSING";
}

/** 3,000,000 flights within the United States from January to June 2001; see the README of vega-datasets. */
export function flightsFile(): string {
  return dataFile("flights-3m.parquet");
}

/** Names and places of airports, by their three-letter code. */
export function airportsFile(): string {
  return dataFile("airports.csv");
}

/** @throws ERR_FLIGHTS_DATA_MISSING */
function dataFile(name: string): string {
  let path: string;
  try {
    path = fileURLToPath(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")));
  } catch (cause) {
    throw new DataMissingError("the npm package vega-datasets is not installed; run: npm install", { cause });
  }
  if (!existsSync(path)) throw new DataMissingError(`${path} is missing; run: npm install`, { details: { path } });
  return path;
}
