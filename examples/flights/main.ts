/**
 * The main job, as `npm start` runs it: 3,000,000 flights, added up per airport. `npm start -- --help` says what else it
 * can do. The result goes to standard output, what happens meanwhile to standard error.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { RunProgress, type RunReport } from "../../jobs/index.ts";
import { SystemClock } from "../../runtime/index.ts";
import { airportCities } from "./airport-cities.ts";
import { airportsFile, flightsFile } from "./data-files.ts";
import type { FlightsParams } from "./flights.job.ts";
import { grouped, jsonResult, plural, textResult } from "./flights-report.ts";
import { type FlightsRun, runHere, runSupervised } from "./flights-run.ts";
import { askWhileRunning } from "./live-top.ts";
import { type FlightsOptions, parseArguments, UsageError } from "./options.ts";
import { killProcessHalfWay } from "./process-kill.ts";

const flightsInFile = 3_000_000;

const parsed = parseArguments(process.argv.slice(2), availableParallelism());
switch (parsed.kind) {
  case "help":
    process.stdout.write(parsed.text);
    break;
  case "invalid":
    exitWith(2, new UsageError(`${parsed.message}\nnpm start -- --help says what is possible`));
    break;
  case "run":
    await main(parsed.options).catch((error) => exitWith(1, error));
}

async function main(options: FlightsOptions): Promise<void> {
  let params: FlightsParams;
  let cities: ReadonlyMap<string, string>;
  try {
    params = paramsOf(options);
    cities = await airportCities(airportsFile());
  } catch (error) {
    return exitWith(2, error);
  }
  await using storage = await storageOf(options);
  await using run =
    storage.path === undefined ? await runHere(options, params) : runSupervised(options, params, storage.path);
  const report = await watched(run, options);
  if (report.status === "cancelled") {
    process.exitCode = 130;
    return;
  }
  if (report.status === "stopped") {
    process.stderr.write("stopped at a checkpoint; the same command goes on from there\n");
    return;
  }
  const result = { report, airports: run.totals(), cities, ...options };
  process.stdout.write(options.json === true ? jsonResult(result) : textResult(result));
}

/** The directory that was asked for; one for this run only where the process is to be killed; otherwise none. */
async function storageOf({ storage, crash }: FlightsOptions): Promise<{ path: string | undefined } & AsyncDisposable> {
  const keep = async () => undefined;
  if (storage !== undefined || crash !== "process") return { path: storage, [Symbol.asyncDispose]: keep };
  const path = await mkdtemp(join(tmpdir(), "millrace-flights-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Half-way is when one of the counting actors has counted half of its share. */
function paramsOf({ threads, crash }: FlightsOptions): FlightsParams {
  const parallelism = Math.max(1, threads);
  const path = flightsFile();
  if (crash === undefined || crash === "process") return { parallelism, path };
  return { parallelism, path, fault: { kind: crash, afterFlights: Math.round(flightsInFile / parallelism / 2) } };
}

/** Shows how the run is doing until it has ended; Ctrl-C ends it, and cancels it the second time. */
async function watched(run: FlightsRun, options: FlightsOptions): Promise<RunReport> {
  const progress = new RunProgress(() => run.report(), {
    clock: new SystemClock(),
    stream: process.stderr,
    inPlace: process.stderr.isTTY,
    boundedSources: ["flights"],
  });
  const say = (line: string) => progress.say(line);
  const ends = [run.logRecovery(say)];
  if (options.live === true) ends.push(askWhileRunning(run.askCounter, Math.max(1, options.threads), say));
  if (options.crash === "process") ends.push(killProcessHalfWay(run, say));
  let interrupts = 0;
  const interrupt = () => {
    interrupts += 1;
    const what = options.storage === undefined ? "what was read is counted" : "a last checkpoint is taken";
    say(interrupts === 1 ? `Ctrl-C: reading stops, ${what}; once more to end at once` : "cancelled");
    void (interrupts === 1 ? run.end() : run.cancel()).catch(() => undefined);
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    say(
      `reading ${grouped(flightsInFile)} flights on ${options.threads === 0 ? "the main thread" : plural(options.threads, "thread")}, ${options.guarantee}`,
    );
    progress.start();
    return await run.completed;
  } finally {
    for (const end of ends) end();
    progress.end(undefined); // the result says how fast it was
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

function exitWith(code: 1 | 2, error: unknown): void {
  const { message, code: errorCode, name } = error as Error & { code?: string };
  process.stderr.write(`error ${errorCode ?? name}: ${message}\n`);
  process.exitCode = code;
}
