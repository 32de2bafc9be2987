/**
 * The storm: `npm run storm -- --help`. Exit code: 0 the promise was kept, 1 it was broken or the job failed, 2 the arguments
 * are wrong.
 */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Guarantee } from "../../jobs/index.ts";
import { killStorm } from "./kill-storm.ts";
import { grouped } from "./kill-tally.ts";
import { brokenBy, runStorm, type StormResult } from "./run-storm.ts";
import { stormPlan } from "./storm-plan.ts";

const guarantees: readonly Guarantee[] = ["exactly-once", "at-least-once", "at-most-once"];

interface StormOptions {
  readonly guarantee: Guarantee;
  readonly seed: number;
  readonly events: number;
  readonly throws: number;
  readonly threads: number;
  readonly processes: number;
  readonly kills?: number;
  readonly processKills?: number;
  readonly fromRound: number;
}

const command = new Command("npm run storm --")
  .description(
    "Runs a count per key while its counters throw, and threads and processes are ended, and looks at the result.",
  )
  .addOption(new Option("--guarantee <what>", "what is promised").choices(guarantees).default("exactly-once"))
  .option("--seed <number>", "draws at which events the faults strike", wholeNumber(0), 1)
  .option("--events <number>", "events of the source", wholeNumber(1), 1_000_000)
  .option("--throws <number>", "times a counter throws", wholeNumber(0), 50)
  .option("--threads <number>", "threads that are ended", wholeNumber(0), 10)
  .option("--processes <number>", "times the process is killed with SIGKILL", wholeNumber(0), 5)
  .option("--kills <number>", "only: kills of threads, of ten kinds, exactly-once", wholeNumber(1))
  .option("--process-kills <number>", "only: kills of the process, one after the other, exactly-once", wholeNumber(1))
  .option("--from-round <number>", "only: of kills that were stopped, where to go on", wholeNumber(1), 1)
  .allowExcessArguments(false)
  .exitOverride();

try {
  command.parse();
  const options = command.opts<StormOptions>();
  if (options.kills === undefined && options.processKills === undefined) await storm(options);
  else await kills(options);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

async function storm({ guarantee, seed, events, throws, threads, processes }: StormOptions): Promise<void> {
  const plan = stormPlan(seed, events, { throw: throws, thread: threads, process: processes });
  console.log(`${guarantee}, seed ${seed}: ${grouped(events)} events, one count per key over 4 instances`);
  const result = await runStorm(guarantee, plan, (number) => process.stderr.write(`process ${number} started\n`));
  console.log(reportOf(result));
  const broken = brokenBy(guarantee, result);
  console.log(broken.length === 0 ? `${guarantee} was kept` : `${guarantee} was BROKEN: ${broken.join(", ")}`);
  if (broken.length > 0) process.exitCode = 1;
}

/** Ctrl-C lets the rounds that run be the last. */
async function kills({
  seed,
  fromRound,
  kills: threads = 0,
  processKills: processes = 0,
}: StormOptions): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  const shared = { seed, fromRound, signal: stop.signal, write: (line: string) => console.log(line) };
  const isKept = [
    threads === 0 || (await killStorm({ ...shared, kill: "threads", count: threads })),
    processes === 0 || (await killStorm({ ...shared, kill: "processes", count: processes })),
  ];
  if (isKept.includes(false)) process.exitCode = 1;
}

function reportOf({ shown, struck, reported, elapsedMs }: StormResult): string {
  const rows: readonly (readonly [string, number])[] = [
    ["operators that threw", struck.throw],
    ["threads ended", struck.thread],
    ["processes killed", struck.process],
    ["lines in the file", shown.lines],
    ["  events missing", shown.missing],
    ["  lines doubled", shown.doubled],
    ["  lines out of order", shown.disordered],
    ["  lines with a wrong count", shown.miscounted],
    ["dead letters, of the last process", reported.deadLetters],
    ["lost, as the last process says", reported.lostEvents],
  ];
  const lines = rows.map(([what, value]) => `${what.padEnd(34)} ${grouped(value).padStart(10)}`);
  return [...lines, `${"seconds".padEnd(34)} ${(elapsedMs / 1_000).toFixed(1).padStart(10)}`].join("\n");
}

function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
    if (value >= min && value <= 1_000_000_000) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to 1000000000, got "${text}".`);
  };
}
