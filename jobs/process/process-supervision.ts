/**
 * ProcessSupervision: decides what follows the end of a process that ran a job. Pure: how it ended, what it had said,
 * what its owner wants, the time and a random number in; a decision out.
 *
 * | it said                      | and then                      | so                                                 |
 * |------------------------------|-------------------------------|----------------------------------------------------|
 * | that the job has ended       | whatever                      | done                                               |
 * | that the job has failed      | whatever                      | failed: the job would fail again from its checkpoint |
 * | the same, by a `processFault` | whatever                     | restart: a new process has what this one lacked    |
 * | none of it                   | any exit code, any signal, could not be started | restart                          |
 * | none of it                   | the owner has cancelled       | cancelled                                          |
 *
 * Invariants
 *  I1  within the window of the budget no more restarts are decided than it allows; the next death is the last.
 */

import { Backoff, type BackoffSettings, RestartBudget, type WireError } from "../../runtime/index.ts";

/** What a process has said about its end. */
export type LastWord =
  | { readonly kind: "none" }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly error: WireError };

export type ProcessDecision =
  | { readonly kind: "done" }
  | { readonly kind: "fail"; readonly error: WireError }
  | { readonly kind: "cancelled" }
  | { readonly kind: "restart"; readonly delayMs: number }
  /** The restarts are spent. */
  | { readonly kind: "give-up" };

export interface ProcessPolicy {
  readonly restartsMax: number;
  readonly restartsWithinMs: number;
  readonly backoff: BackoffSettings;
}

export class ProcessSupervision {
  readonly #budget: RestartBudget;
  readonly #backoff: Backoff;

  constructor({ restartsMax, restartsWithinMs, backoff }: ProcessPolicy) {
    this.#budget = new RestartBudget(restartsMax, restartsWithinMs);
    this.#backoff = new Backoff(backoff);
  }

  /**
   * A process has ended, in whichever way.
   *
   * @param isCancelled whether its owner wants it to be over
   * @param random uniform in [0, 1)
   */
  onEnd(lastWord: LastWord, isCancelled: boolean, nowMs: number, random: number): ProcessDecision {
    if (lastWord.kind === "ended") return { kind: "done" };
    if (isCancelled) return { kind: "cancelled" };
    if (lastWord.kind === "failed" && !isProcessFault(lastWord.error)) return { kind: "fail", error: lastWord.error };
    if (!this.#budget.take(nowMs)) return { kind: "give-up" };
    return { kind: "restart", delayMs: this.#backoff.next(nowMs, random) };
  }
}

/**
 * Failures of a run that are the process's, not the job's: its memory is not to be trusted, its threads cannot be had, the
 * thread of its storage is gone.
 */
const processFaults = new Set([
  "ERR_RT_INVARIANT",
  "ERR_RT_REPLACEMENTS_SPENT",
  "ERR_RT_SERVICE_THREAD",
  "ERR_RT_THREAD_START",
]);

/** Whether such a failure is anywhere among the causes. */
export function isProcessFault(error: WireError): boolean {
  for (let at: WireError | undefined = error; at !== undefined; at = at.cause) {
    if (at.code !== undefined && processFaults.has(at.code)) return true;
  }
  return false;
}
