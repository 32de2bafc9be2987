/**
 * The main job, as `npm start` runs it: 3,000,000 flights, added up per airport. `npm start -- --help` says what else it
 * can do. The result goes to standard output, what happens meanwhile to standard error.
 */

import { availableParallelism } from "node:os";
import { ActorSystem, type JobRun, RunProgress, type RunReport } from "../../jobs/index.ts";
import { StderrLogger, SystemClock } from "../../runtime/index.ts";
import { airportCities } from "./airport-cities.ts";
import type { AirportTotals } from "./airport-totals.ts";
import { airportsFile, flightsFile } from "./data-files.ts";
import flights, { type FlightsParams } from "./flights.job.ts";
import { grouped, jsonResult, plural, textResult } from "./flights-report.ts";
import { askWhileRunning } from "./live-top.ts";
import { type FlightsOptions, parseArguments, UsageError } from "./options.ts";
import { logRecovery } from "./recovery-log.ts";

const flightsInFile = 3_000_000;
/** Decoding a column takes a thread some ten ms, but much longer on a machine that is busy otherwise. */
const hangLimit = "30s";
/** What fails, and what is done about it, is said by the recovery log. */
const logger = new StderrLogger("error");

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
  await using system = await ActorSystem.start({ threads: options.threads, hangLimit, logger });
  const run = await system.submit(flights, { params, guarantee: options.guarantee });
  const report = await watched(run, system, options);
  if (report.status === "cancelled") {
    process.exitCode = 130;
    return;
  }
  const result = { report, airports: run.collected<AirportTotals>("totals"), cities, ...options };
  process.stdout.write(options.json === true ? jsonResult(result) : textResult(result));
}

/** Half-way is when one of the counting actors has counted half of its share. */
function paramsOf({ threads, crash }: FlightsOptions): FlightsParams {
  const parallelism = Math.max(1, threads);
  const path = flightsFile();
  if (crash === undefined) return { parallelism, path };
  return { parallelism, path, fault: { kind: crash, afterFlights: Math.round(flightsInFile / parallelism / 2) } };
}

/** Shows how the run is doing until it has ended; Ctrl-C drains it, and cancels it the second time. */
async function watched(run: JobRun, system: ActorSystem, options: FlightsOptions): Promise<RunReport> {
  const progress = new RunProgress(() => run.report(), {
    clock: new SystemClock(),
    stream: process.stderr,
    inPlace: process.stderr.isTTY,
    boundedSources: ["flights"],
  });
  const say = (line: string) => progress.say(line);
  const stopLog = logRecovery(system, say);
  const stopAsking = options.live === true ? askWhileRunning(run, Math.max(1, options.threads), say) : () => undefined;
  let interrupts = 0;
  const interrupt = () => {
    interrupts += 1;
    say(interrupts === 1 ? "Ctrl-C: reading stops, what was read is counted; once more to end at once" : "cancelled");
    void (interrupts === 1 ? run.drain() : run.cancel()).catch(() => undefined);
  };
  process.on("SIGINT", interrupt);
  try {
    say(
      `reading ${grouped(flightsInFile)} flights on ${options.threads === 0 ? "the main thread" : plural(options.threads, "thread")}, ${options.guarantee}`,
    );
    progress.start();
    return await Promise.race([run.completed, system.failed]);
  } finally {
    stopLog();
    stopAsking();
    progress.end(undefined); // the result says how fast it was
    process.off("SIGINT", interrupt);
  }
}

function exitWith(code: 1 | 2, error: unknown): void {
  const { message, code: errorCode, name } = error as Error & { code?: string };
  process.stderr.write(`error ${errorCode ?? name}: ${message}\n`);
  process.exitCode = code;
}
