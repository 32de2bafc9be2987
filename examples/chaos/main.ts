/**
 * The main job in chaos: the flights are counted once in peace, and once while threads die, hang and overflow, checkpoints
 * cannot be written, and the process is killed. Exit code: 0 both tables are the same, 1 they are not.
 */

import {
  crash,
  exit,
  fail,
  failWrite,
  hang,
  host,
  killProcess,
  overflowHeap,
  type RealRun,
  runWithFaults,
  strayReject,
  strayThrow,
} from "../../jobs/testing/index.ts";
import type { AirportTotals } from "../flights/airport-totals.ts";
import flights from "../flights/flights.job.ts";
import { givenArguments } from "../given-arguments.ts";

givenArguments(
  "node examples/chaos/main.ts: counts the flights in peace, and again while threads and the process die; about a minute",
);

const faults = [
  fail("airports").throwing("null").after(50_000),
  exit("airports", 1, 7).after(100_000),
  strayThrow("airports").throwing("unclonable").after(200_000),
  crash(host(2)).at("700ms"),
  failWrite(2).at("800ms"),
  killProcess().at("1500ms"),
  strayReject(host(1)).at("2500ms"),
  hang("airports", 1).by("wait").for("1m").after(300_000),
  overflowHeap("airports").after(400_000),
];

const options = { params: { parallelism: 2 }, threads: 2, heapLimitMb: 256, hangLimit: "3s" } as const;

const calm = await runWithFaults(flights, { ...options, faults: [] });
const stormy = await runWithFaults(flights, { ...options, faults });

for (const { atMs, action } of stormy.struck) console.log(`${Math.round(atMs)} ms  ${JSON.stringify(action)}`);
const [expected, found] = [tableOf(calm), tableOf(stormy)];
console.log(`without faults: ${sumOf(calm)} flights, ${(calm.elapsedMs / 1_000).toFixed(1)} s`);
console.log(
  `${stormy.struck.length} faults, ${stormy.lives} processes: ${sumOf(stormy)} flights, ${(stormy.elapsedMs / 1_000).toFixed(1)} s`,
);
console.log(found === expected ? "the tables are the same" : "the tables DIFFER");
if (found !== expected || stormy.status !== "completed") {
  if (stormy.error !== undefined) console.error(stormy.error.message);
  process.exitCode = 1;
}

function tableOf(run: RealRun): string {
  if (run.status !== "completed") return run.status;
  const totals = run.collected<AirportTotals>("totals");
  return JSON.stringify(totals.toSorted((left, right) => (left.airport < right.airport ? -1 : 1)));
}

function sumOf(run: RealRun): string {
  if (run.status !== "completed") return run.status;
  return run
    .collected<AirportTotals>("totals")
    .reduce((sum, { flights }) => sum + flights, 0)
    .toLocaleString("en");
}
