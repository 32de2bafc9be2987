/**
 * `millrace simulate`: runs a job under the faults of many seeds in virtual time, and tells the seeds under which its output is
 * not what it is without faults.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { type Duration, durationMs } from "../../runtime/index.ts";
import { counted } from "../counted.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import type { JobGraph } from "../job-graph.ts";
import { loadJob } from "../load-job.ts";
import type { ChaosKind } from "../simulation/chaos.ts";
import { historyText, replayHistory } from "../simulation/history-file.ts";
import { type SeedResult, simulateSeeds } from "../simulation/simulate-seeds.ts";
import type { Simulation } from "../simulation/simulation.ts";
import type { CliContext } from "./cli-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { parseParams } from "./parse-params.ts";
import { UsageError } from "./usage-error.ts";

export interface SimulateCommandOptions {
  readonly threads: number;
  readonly param?: readonly string[];
  readonly job?: string;
  readonly guarantee: Guarantee;
  readonly epochInterval: Duration;
  /** The first one, or the only one. */
  readonly seed: number;
  readonly seeds: number;
  readonly faults: readonly ChaosKind[];
  readonly faultsMax: number;
  readonly only?: readonly number[];
  readonly timeBudget?: Duration;
  readonly history?: string;
  readonly replay?: string;
  readonly collect?: readonly string[];
}

/** Rejects with what is wrong with the input, or with what the job fails with when nothing goes wrong. */
export async function simulateCommand(
  file: string,
  options: SimulateCommandOptions,
  context: CliContext,
): Promise<ExitCode> {
  if (options.history !== undefined && options.seeds !== 1) {
    throw new UsageError("--history is of one seed: give --seeds 1 as well");
  }
  if (options.only !== undefined && options.seeds !== 1) {
    throw new UsageError("--only is of the faults of one seed: give --seeds 1 as well");
  }
  const params = parseParams(options.param ?? []);
  const definition: JobDefinition<unknown> = await loadJob(
    file,
    options.job === undefined ? {} : { name: options.job },
  );
  const { clock, stdout } = context;
  if (options.replay !== undefined) return replayCommand(definition, options.replay, stdout);
  const { collect = [] } = options;
  checkSinks(buildGraph(definition, params), collect);
  const startMs = clock.monotonicMs();
  const limitMs =
    options.timeBudget === undefined ? Number.POSITIVE_INFINITY : durationMs(options.timeBudget, "--time-budget");
  let seedCount = 0;
  let struckCount = 0;
  const failed = await simulateSeeds(definition, {
    params,
    firstSeed: options.seed,
    seedCount: options.seeds,
    kinds: options.faults,
    faultCountMax: options.faultsMax,
    ...(options.only === undefined ? {} : { only: options.only }),
    guarantee: options.guarantee,
    threads: options.threads,
    epochInterval: options.epochInterval,
    history: options.history !== undefined,
    collect,
    onCalm: (simulation) => void stdout.write(`without faults: ${heldText(simulation)}\n`),
    onSeed: (result) => {
      seedCount += 1;
      struckCount += result.simulation.struck.length;
      if (result.violations.length > 0) stdout.write(violationText(result, file, options));
      if (options.history !== undefined) writeHistory(options.history, result);
      return clock.monotonicMs() - startMs < limitMs;
    },
  });
  const seconds = (clock.monotonicMs() - startMs) / 1_000;
  stdout.write(
    `${seedCount} seeds, ${struckCount} faults, ${(seedCount / seconds).toFixed(1)} seeds/s: ` +
      `${failed.length === 0 ? `${options.guarantee} held` : `${failed.length} seeds with violations of ${options.guarantee}`}\n`,
  );
  return failed.length === 0 ? exitCodes.done : exitCodes.failed;
}

/** Runs a history again, and tells the first line that differs. */
async function replayCommand(
  definition: JobDefinition<unknown>,
  path: string,
  stdout: CliContext["stdout"],
): Promise<ExitCode> {
  const { simulation, difference } = await replayHistory(definition, readHistory(path));
  const { history = [], historyHash, status } = simulation;
  if (difference === undefined) {
    stdout.write(`the history is the same: ${history.length} steps, ${historyHash}, ${status}\n`);
    return exitCodes.done;
  }
  const { step, before, expected, actual } = difference;
  const lines = [
    `the history differs from step ${step} on:`,
    ...before.map((line) => `    ${line}`),
    `  - ${expected ?? "(its end)"}`,
    `  + ${actual ?? "(its end)"}`,
  ];
  stdout.write(`${lines.join("\n")}\n`);
  return exitCodes.failed;
}

function readHistory(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`the history cannot be read: ${(error as Error).message}`);
  }
}

/** Without a sink that can be compared every seed would pass. */
function checkSinks({ name, nodes }: JobGraph, collect: readonly string[]): void {
  if (collect.length > 0 || nodes.some(({ label }) => label === "collect")) return;
  throw new UsageError(
    `job ${JSON.stringify(name)} has no collect sink, whose contents could be compared with those of a run without faults; ` +
      "say by --collect which of its sinks is to collect instead of writing",
  );
}

function violationText(
  { seed, violations, faults, minimalFaults, simulation }: SeedResult,
  file: string,
  options: SimulateCommandOptions,
): string {
  const drawn = options.only ?? faults.map((_, index) => index + 1);
  const numbered = faults.map((fault, index) => ({ fault, number: drawn[index] ?? 0 }));
  const shown = numbered.filter(({ fault }) => minimalFaults === undefined || minimalFaults.includes(fault));
  const again = [
    "millrace simulate",
    file,
    `--seed ${seed} --seeds 1 --threads ${options.threads} --guarantee ${options.guarantee}`,
    `--epoch-interval ${options.epochInterval} --faults ${options.faults.join(",")} --faults-max ${options.faultsMax}`,
    ...(shown.length === 0 || (options.only === undefined && shown.length === faults.length)
      ? []
      : [`--only ${shown.map(({ number }) => number).join(",")}`]),
    ...(options.job === undefined ? [] : [`--job ${options.job}`]),
    ...(options.collect ?? []).map((sink) => `--collect ${sink}`),
    ...(options.param ?? []).map((param) => `--param '${param}'`),
    "--history history.txt",
  ];
  const letters = lettersText(simulation);
  const lines = [
    `seed ${seed}:`,
    ...violations.map(({ invariant, message }) => `  ${invariant}: ${message}`),
    ...(letters === undefined ? [] : [`  given up, and so missing from what comes of it: ${letters}`]),
    headingOf(faults.length, minimalFaults?.length),
    ...shown.map(({ fault, number }) => `    ${number}. ${JSON.stringify(fault)}`),
    `  again: ${again.join(" ")}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** What the sinks hold, so that nobody takes nothing for proof: `2 events in "totals", 1 dead letter of "read"`. */
function heldText(simulation: Simulation): string {
  const held = simulation.sinks.map((sink) => `${counted(simulation.collected(sink).length, "event")} in "${sink}"`);
  const letters = lettersText(simulation);
  return [...held, ...(letters === undefined ? [] : [letters])].join(", ");
}

function lettersText({ report }: Simulation): string | undefined {
  const texts = (report?.operators ?? [])
    .filter(({ total }) => total.deadLetters > 0)
    .map(({ name, total }) => `${counted(total.deadLetters, "dead letter")} of "${name}"`);
  return texts.length === 0 ? undefined : texts.join(", ");
}

function headingOf(faultCount: number, minimalCount: number | undefined): string {
  if (minimalCount === undefined || minimalCount === faultCount) return "  faults:";
  return minimalCount === 0
    ? "  it takes none of the faults"
    : `  faults, those that it takes (${minimalCount} of ${faultCount}):`;
}

function writeHistory(path: string, { simulation }: SeedResult): void {
  try {
    writeFileSync(path, historyText(simulation));
  } catch (error) {
    throw new UsageError(`the history cannot be written: ${(error as Error).message}`);
  }
}
