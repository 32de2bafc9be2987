/** AirportCities: the city that an airport serves, by its code. */

import { readFile } from "node:fs/promises";
import { parse } from "csv-parse/sync";

/** @param path a CSV file with the columns iata, city and state */
export async function airportCities(path: string): Promise<ReadonlyMap<string, string>> {
  const rows: { iata: string; city: string; state: string }[] = parse(await readFile(path), { columns: true });
  return new Map(rows.map(({ iata, city, state }) => [iata, `${city}, ${state}`]));
}
