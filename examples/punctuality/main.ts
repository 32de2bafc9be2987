/**
 * Shows an hour that was told again and again, what came too late for its own, and how often that was:
 * `node examples/punctuality/main.ts [airport ...]`.
 */

import { ActorSystem, type KeyedWindowResult } from "../../jobs/index.ts";
import { givenArguments, refuse } from "../given-arguments.ts";
import type { Flight } from "./flight.ts";
import punctuality, { type Hour } from "./punctuality.job.ts";

type Told = KeyedWindowResult<string, Hour>;

const usage =
  "node examples/punctuality/main.ts [airport ..., such as ORD]: shows hours that were told again, and what came too late";
const given = givenArguments(usage, Number.POSITIVE_INFINITY);
const airports = given.length > 0 ? given : ["ORD", "ATL", "DFW"];

await using system = await ActorSystem.start({ threads: 2 });
await using run = await system.submit(punctuality, { params: { airports }, guarantee: "exactly-once" });
await run.completed;

const told = run.collected<Told>("told");
const late = run.collected<Flight>("late");
const hours = Map.groupBy(told, ({ key, window }) => `${key} ${timeOf(window.start)}`);

const unknown = airports.find((airport) => !told.some(({ key }) => key === airport));
if (unknown !== undefined) refuse(`no flight has left ${unknown}: expected codes of airports, such as ORD`, usage);

const [name = "", revisions = []] = [...hours].toSorted(([, one], [, other]) => other.length - one.length)[0] ?? [];
console.log(`${name}, told ${revisions.length} times:`);
for (const { value, revision } of [...revisions.slice(0, 3), ...revisions.slice(3).slice(-1)]) {
  console.log(
    `  revision ${String(revision).padStart(2)}  ${String(value.flights).padStart(3)} flights  ${minutes(value.delay)}`,
  );
}

for (const airport of airports) {
  const ofAirport = [...hours.values()].map((results) => results.at(-1) as Told).filter(({ key }) => key === airport);
  const flights = ofAirport.reduce((sum, { value }) => sum + value.flights, 0);
  const again = told.filter(({ key, revision }) => key === airport && revision > 0).length;
  const tooLate = late.filter(({ origin }) => origin === airport);
  const mean = ofAirport.reduce((sum, { value }) => sum + value.delay * value.flights, 0) / flights;
  console.log(
    `${airport}  ${grouped(flights)} flights in ${grouped(ofAirport.length)} hours, ${minutes(mean)}; ` +
      `${grouped(again)} revisions; ${grouped(tooLate.length)} reported too late`,
  );
}
const worst = late.toSorted((one, other) => other.delay - one.delay)[0];
if (worst !== undefined) {
  console.log(`the latest left ${worst.origin} ${minutes(worst.delay)} behind ${timeOf(worst.date)}`);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

function minutes(value: number): string {
  return `${value.toFixed(1)} min`;
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
