/** FlightsRun: the job while it runs: in this process, or, with a storage to go on from, in one of its own. */

import { ActorSystem, type RunReport, supervise } from "../../jobs/index.ts";
import { StderrLogger } from "../../runtime/index.ts";
import type { TopQuery } from "./airport-counter.ts";
import type { AirportTotals } from "./airport-totals.ts";
import flights, { type FlightsParams } from "./flights.job.ts";
import type { FlightsOptions } from "./options.ts";
import { logProcessRecovery, logRecovery } from "./recovery-log.ts";

export interface FlightsRun extends AsyncDisposable {
  /** The process that it runs in. */
  readonly pid: number | undefined;
  /** Rejects when the job fails, or what it runs on. */
  readonly completed: Promise<RunReport>;
  report(): Promise<RunReport>;
  /** With a storage that stays, at a checkpoint that the same command goes on from; else with what was read so far. */
  end(): Promise<unknown>;
  cancel(): Promise<void>;
  /** When it has completed. */
  totals(): readonly AirportTotals[];
  askCounter(instance: number, query: TopQuery): Promise<AirportTotals[]>;
  /** Calls `say` with what fails and what is done about it, until the returned function is called. */
  logRecovery(say: (line: string) => void): () => void;
}

/** Decoding a column takes a thread some ten ms, but much longer on a machine that is busy otherwise. */
const hangLimit = "30s";
/** What fails, and what is done about it, is said by the recovery log. */
const logger = new StderrLogger("error");
const timeout = "1s";

export async function runHere({ threads, guarantee }: FlightsOptions, params: FlightsParams): Promise<FlightsRun> {
  const system = await ActorSystem.start({ threads, hangLimit, logger });
  const run = await system.submit(flights, { params, guarantee });
  return {
    pid: process.pid,
    completed: Promise.race([run.completed, system.failed]),
    report: () => run.report(),
    end: () => run.drain(),
    cancel: () => run.cancel(),
    totals: () => run.collected<AirportTotals>("totals"),
    askCounter: (instance, query) => run.actor<TopQuery, AirportTotals[]>("airports", instance).ask(query, { timeout }),
    logRecovery: (say) => logRecovery(system, system.hosts(), say),
    [Symbol.asyncDispose]: () => system.stop(),
  };
}

/** @param storage of the options, or one that is gone behind this run */
export function runSupervised(options: FlightsOptions, params: FlightsParams, storage: string): FlightsRun {
  const { threads, guarantee } = options;
  const run = supervise(flights, {
    params,
    storage,
    threads,
    hangLimit,
    guarantee: guarantee === "at-least-once" ? guarantee : "exactly-once",
  });
  return {
    get pid() {
      return run.pid;
    },
    completed: run.completed,
    report: () => run.report(),
    end: () => (options.storage === undefined ? run.drain() : run.stop()),
    cancel: () => run.cancel(),
    totals: () => run.collected<AirportTotals>("totals"),
    askCounter: (instance, query) => run.ask<TopQuery, AirportTotals[]>("airports", instance, query, { timeout }),
    logRecovery: (say) => logProcessRecovery(run, say),
    [Symbol.asyncDispose]: () => run.cancel(),
  };
}
