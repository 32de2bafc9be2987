/**
 * SparePlan: how many threads are to wait as spares, and when the next one may be started. Pure: counts and times in, decisions out.
 *
 * A thread that starts takes a core for a while. So spares are started one at a time, while no other thread loads anything, and not
 * while what lived on a dead thread recovers; each of these waits has an end. Deaths come in groups: one is followed by another spare for a
 * while, so that the next one need not wait until a thread has started.
 *
 * Invariants
 *  Q1  a spare that is missing is started after `refillDelayMs` at the latest.
 *  Q2  there are never more spares than `sparesAfterDeath`, and one when no thread has died for `sparesAfterDeathMs`.
 */

import { sparesAfterDeath, sparesAfterDeathMs } from "../limits.ts";

/** The threads of a pool. */
export interface ThreadCounts {
  /** All of them. */
  readonly all: number;
  readonly starting: number;
  /** Those that load modules or rehearse; those that start are not among them. */
  readonly preparing: number;
  /** Hosts that wait for a thread. */
  readonly waiting: number;
}

export type NextThread = "start" | "wait" | "none";

export class SparePlan {
  readonly #hosts: number;
  #lastDeathMs: number | undefined;
  #isRecovering = false;

  constructor(hosts: number) {
    this.#hosts = hosts;
  }

  /** Whether a thread has died. */
  get hasLost(): boolean {
    return this.#lastDeathMs !== undefined;
  }

  died(nowMs: number): void {
    this.#lastDeathMs = nowMs;
    this.#isRecovering = true;
  }

  /** What lived on dead threads has recovered, or has had its time. */
  recovered(): void {
    this.#isRecovering = false;
  }

  /** @param isOverdue whether a spare has been missing for as long as it may */
  next({ all, starting, preparing, waiting }: ThreadCounts, nowMs: number, isOverdue: boolean): NextThread {
    if (all < this.#hosts || starting < waiting) return "start";
    if (all >= this.#hosts + this.spares(nowMs)) return "none";
    const isBusy = this.#isRecovering || starting + preparing > 0;
    return isBusy && !isOverdue ? "wait" : "start";
  }

  /** Q2 */
  spares(nowMs: number): number {
    const isCalm = this.#lastDeathMs === undefined || nowMs - this.#lastDeathMs >= sparesAfterDeathMs;
    return isCalm ? 1 : sparesAfterDeath;
  }
}
