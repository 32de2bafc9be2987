/** The job of `npm start` (examples/flights), with made-up flights in the place of those in its file. */

import { defineJob, generate } from "../../../../jobs/index.ts";
import { AirportCounter } from "../../../flights/airport-counter.ts";
import type { BridgeParams } from "./bridge-jobs.ts";

const airports = Array.from({ length: 229 }, (_, index) => `A${index}`);
const parallelism = 2;

export const madeUpFlights = defineJob("made-up-flights", import.meta.url, (job, { events }: BridgeParams) => {
  job
    .source("flights", generate({ count: events, from: flightAt }), { parallelism })
    .filter("departed", ({ delay }) => delay !== null)
    .keyBy(({ origin }) => origin)
    .process("airports", () => new AirportCounter(), { parallelism })
    .collect("totals");
});

function flightAt(index: number): { readonly origin: string; readonly delay: number } {
  return { origin: airports[(index * 31) % airports.length]!, delay: (index % 97) - 10 };
}
