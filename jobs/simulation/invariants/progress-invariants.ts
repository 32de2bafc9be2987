/** That a run comes to its end, and says how: I8, I9. */

import { errorMatches } from "../../../runtime/index.ts";
import { JobFailedError } from "../../run/run-error.ts";
import type { RunRecord } from "./run-record.ts";
import type { Violation } from "./violation.ts";

/** I8: what is there to be read is worked off. */
export function standstill({ status, error, endMs }: RunRecord): Violation[] {
  if (status === "hung") return [{ invariant: "I8", message: `the run had not ended after ${endMs.toFixed(0)} ms` }];
  return error === undefined ? [] : [{ invariant: "I8", message: `the run failed: ${chainOf(error)}` }];
}

/** Behind the last fault a run may take so much longer, in ms of virtual time, than it takes without faults. */
export const recoveryMsMax = 30_000;

/**
 * I8: and soon, when nothing goes wrong any more.
 *
 * @param calmMs from the last fault to the end of the run
 */
export function slowRecovery(calmMs: number, calmMsMax: number): Violation[] {
  if (calmMs <= calmMsMax) return [];
  const message = `the run ended ${calmMs.toFixed(0)} ms after the last fault; ${calmMsMax.toFixed(0)} are allowed`;
  return [{ invariant: "I8", message }];
}

/** I9: a run that gives up says so, and why. */
export function dishonestEnd({ status, error }: RunRecord): Violation[] {
  if (status !== "failed") return [];
  if (error instanceof JobFailedError || errorMatches(error, "ERR_JOB_FAILED")) {
    return error?.cause instanceof Error
      ? []
      : [{ invariant: "I9", message: `it failed without a cause: ${error?.message}` }];
  }
  return [{ invariant: "I9", message: `it failed with what is no failure of a job: ${error?.message}` }];
}

function chainOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message} < ${chainOf(error.cause)}` : error.message;
}
