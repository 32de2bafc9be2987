/**
 * JobRestarts: what is done about a failure that the supervision of an operator passes on. The parent of the operators is the
 * job: it starts over as a whole from its last checkpoint, all for one, within a budget of its own; then it fails.
 *
 * Invariants
 *  Q1  failures that are passed on while the job waits to start over are part of that restart, and cost nothing more.
 *  Q2  what was there to be stopped, or never started, is not started over.
 */

import {
  Backoff,
  checkNames,
  type Duration,
  durationMs,
  EscalatedError,
  RestartBudget,
  wholeNumber,
} from "../../runtime/index.ts";
import { jobRestartsDefault, jobRestartsMaxLimit, jobRestartsWithinDefault } from "../limits.ts";

/** How often a job starts over as a whole within a time. */
export interface JobRestartOptions {
  /** 0: the job fails with the first failure that an operator's supervision does not handle. Default 3. */
  readonly max?: number;
  /** Default "1m". */
  readonly within?: Duration;
}

export interface JobRestartSettings {
  readonly restartsMax: number;
  readonly withinMs: number;
}

export type JobRestartDecision =
  | { readonly kind: "restart"; readonly delayMs: number }
  /** The whole job waits to start over already; this cell does with it (Q1). */
  | { readonly kind: "join"; readonly delayMs: number }
  | { readonly kind: "fail" };

/** Throws ERR_RT_OPTION. */
export function jobRestartSettings(options: JobRestartOptions = {}): JobRestartSettings {
  checkNames("jobRestarts", options, { max: true, within: true });
  return {
    restartsMax: wholeNumber("jobRestarts.max", options.max ?? jobRestartsDefault, 0, jobRestartsMaxLimit),
    withinMs: durationMs(options.within ?? jobRestartsWithinDefault, "jobRestarts.within"),
  };
}

export class JobRestarts {
  readonly #budget: RestartBudget;
  readonly #backoff = new Backoff(jobBackoff);
  /** When the restart that was decided last is due. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor({ restartsMax, withinMs }: JobRestartSettings) {
    this.#budget = new RestartBudget(restartsMax, withinMs);
  }

  /**
   * @param error what the supervisor of an operator passed on
   * @param stops whether the author's policy says that this failure ends the job
   * @param random uniform in [0, 1)
   */
  decide(error: Error, stops: boolean, nowMs: number, random: number): JobRestartDecision {
    if (!(error instanceof EscalatedError) || stops) return { kind: "fail" };
    if (nowMs < this.#dueMs) return { kind: "join", delayMs: this.#dueMs - nowMs };
    if (!this.#budget.take(nowMs)) return { kind: "fail" };
    const delayMs = this.#backoff.next(nowMs, random);
    this.#dueMs = nowMs + delayMs;
    return { kind: "restart", delayMs };
  }
}

/** Of the starts of a job that failed. */
export const jobBackoff = { minMs: 100, maxMs: 10_000, factor: 2, jitter: 0.2, resetAfterMs: 60_000 };
