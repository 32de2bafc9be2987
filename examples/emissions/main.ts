/** Runs the job on two threads and prints what each zone emitted. */

import { ActorSystem, type KeyedWindowResult } from "../../jobs/index.ts";
import { givenArguments } from "../given-arguments.ts";
import emissions from "./emissions.job.ts";
import type { Zone } from "./passage.ts";

givenArguments("node examples/emissions/main.ts: joins vehicles with temperatures, and prints what each zone emitted");

type ZoneEmissions = KeyedWindowResult<Zone, { readonly vehicles: number; readonly grams: number }>;

await using system = await ActorSystem.start({ threads: 2 });
await using run = await system.submit(emissions, { guarantee: "exactly-once" });
await run.completed;

const results = run.collected<ZoneEmissions>("zones");
for (const { key, window, value } of results.toSorted(inOrder)) {
  const from = new Date(window.start).toISOString().slice(11, 16);
  const kilograms = (value.grams / 1_000).toFixed(1).padStart(6);
  console.log(`${from}  ${key.padEnd(8)} ${String(value.vehicles).padStart(4)} vehicles ${kilograms} kg`);
}
const total = results.reduce((sum, { value }) => sum + value.vehicles, 0);
console.log(`${total.toLocaleString("en-US")} vehicles in ${results.length} windows`);

function inOrder(one: ZoneEmissions, other: ZoneEmissions): number {
  return one.window.start - other.window.start || one.key.localeCompare(other.key);
}
