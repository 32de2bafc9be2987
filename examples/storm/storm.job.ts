/**
 * The job in the storm: a source, a count per key over four instances, and a file that shows every event with the count of its
 * key. Only the counters are struck, each at its own events; what they take with them depends on the guarantee.
 */

import { defineJob, fileLines, generate } from "../../jobs/index.ts";
import type { StormPlan } from "./storm-plan.ts";
import { Struck } from "./struck.ts";
import { type Counted, StruckCounter } from "./struck-counter.ts";

export interface StormParams {
  readonly plan: StormPlan;
  /** Of the file, and of what says which faults have happened. */
  readonly folder: string;
  readonly path: string;
  /** Events per second. Default: as fast as they are taken. */
  readonly rate?: number | undefined;
}

export const keyCount = 1_000;

export default defineJob("storm", import.meta.url, (job, { plan, folder, path, rate }: StormParams) => {
  job.supervision({ restarts: { max: 10_000 }, backoff: { min: 0, max: 0 } });
  job
    .source("events", generate({ count: plan.events, ...(rate === undefined ? {} : { rate }) }))
    .keyBy((event) => event % keyCount)
    .process("count", () => new StruckCounter(new Struck(plan.faults, folder)), { parallelism: 4 })
    .toOne()
    // A process that goes on must find what the one before has written, also where no checkpoint knows of it.
    .sink("file", fileLines<Counted>(path, { append: true, format: lineOf }));
});

function lineOf({ event, count }: Counted): string {
  return `${event % keyCount} ${count} ${event}`;
}
