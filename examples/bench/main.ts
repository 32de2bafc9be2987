/**
 * The bench: `npm run bench -- --help`. Tables go to standard output, progress to standard error.
 *
 * Exit code: 0 done, 1 a contender failed or gave a wrong result, 2 the arguments are wrong.
 */

import { accessSync, constants, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { formatMachine, thisMachine } from "./machine.ts";
import { type BenchOptions, parseArguments } from "./options.ts";
import { registry } from "./registry.ts";
import { formatLegend, formatWorkload } from "./report.ts";
import { type BenchResults, resultsOf, type WorkloadResults } from "./results.ts";
import { runWorkload } from "./run-workload.ts";
import type { MeasuredEntry } from "./summary.ts";
import { type WorkloadId, workloads } from "./workloads.ts";

const parsed = parseArguments(process.argv.slice(2));
switch (parsed.kind) {
  case "help":
    console.log(parsed.text);
    break;
  case "invalid":
    exitWith(2, parsed.message);
    break;
  case "run":
    await bench(parsed.options);
}

async function bench(options: BenchOptions): Promise<void> {
  if (options.jsonPath !== undefined) assertWritable(options.jsonPath);
  const machine = thisMachine();
  console.log(formatMachine(machine));
  const run = { machine, rounds: options.rounds, events: options.events };
  const results: WorkloadResults[] = [];
  for (const id of options.workloads) {
    const entries = entriesFor(id, options);
    if (!entries.some(({ role }) => role !== "reference")) continue;
    const workload = workloads[id];
    const units = workload.unitsFor(options.events);
    const rounds = workload.roundsFor(options.rounds);
    const onRound = (round: number): void => {
      process.stderr.write(`${id}: ${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}\n`);
    };
    let measured: readonly MeasuredEntry[];
    try {
      measured = await runWorkload(id, entries, units, rounds, onRound);
    } catch (error) {
      exitWith(1, `${id}: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    const found = resultsOf(id, units, measured);
    console.log(`\n${formatWorkload(id, workload, units, rounds, found.rows)}`);
    results.push(found);
    if (options.jsonPath !== undefined) writeResults(options.jsonPath, { ...run, workloads: results });
  }
  console.log(`\n${formatLegend()}`);
  const rejected = results.flatMap(({ workload, rows }) =>
    rows.filter((row) => row.kind === "wrong" || row.kind === "failed").map((row) => `${workload} ${row.name}`),
  );
  if (rejected.length > 0) exitWith(1, `no valid figures for: ${rejected.join(", ")}`);
}

/** After each workload: what was measured is not lost when the run is cut short. */
function writeResults(path: string, results: BenchResults): void {
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`);
}

function entriesFor(id: WorkloadId, { contenders, large }: BenchOptions): typeof registry {
  return registry.filter(
    ({ workload, name, role, large: isLarge = false }) =>
      workload === id &&
      (large || !isLarge) &&
      (contenders === undefined || role === "reference" || contenders.includes(name)),
  );
}

/** Finding out only after the last round would waste the run. */
function assertWritable(path: string): void {
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    exitWith(2, `--json: cannot write to "${path}": ${error instanceof Error ? error.message : String(error)}`);
    process.exit();
  }
}

function exitWith(code: 1 | 2, message: string): void {
  console.error(`error: ${message}`);
  process.exitCode = code;
}
