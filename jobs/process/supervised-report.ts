/** SupervisedReport: how a supervised run is doing, and what it did. */

import type { RunReport } from "../run/run-report.ts";

/** `restarting`: the process has died, and the next one has not begun yet. */
export type SupervisedStatus = "starting" | "running" | "draining" | "stopping" | "restarting" | SupervisedEnd;

export type SupervisedEnd = "completed" | "stopped" | "cancelled" | "failed";

/** The report of the last process, which is what the counters are of, with the time since `supervise` was called. */
export interface SupervisedReport extends RunReport {
  readonly processRestarts: number;
  /** Since the job was submitted in the last process. */
  readonly processElapsedMs: number;
}

/** What the status is while a process ends the job as it was told to. */
export const endings = { drain: "draining", stop: "stopping" } as const;

export function hasEnded(status: SupervisedStatus): status is SupervisedEnd {
  return ["completed", "stopped", "cancelled", "failed"].includes(status);
}

/** As the job did in the process that has ended it. */
export function endedAs(report: RunReport | undefined): SupervisedEnd {
  return report?.status === "cancelled" || report?.status === "stopped" ? report.status : "completed";
}

/** Of a run that ended before a process could tell what it did. */
export function emptyReport(job: string, status: SupervisedEnd): RunReport {
  return {
    job,
    runId: "",
    status,
    elapsedMs: 0,
    operators: [],
    lostEvents: 0,
    waitingFor: [],
    hotKeys: [],
    epochs: undefined,
  };
}
