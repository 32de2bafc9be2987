/**
 * RestartBudget: at most so many restarts in any window of time. A child that fails again and again is given up on
 * instead of being restarted for ever.
 *
 * Invariant
 *  I1  in no half-open window of `withinMs` are more than `restartsMax` restarts granted.
 */

import { mutated } from "../seams/mutants.ts";

export class RestartBudget {
  readonly #restartsMax: number;
  readonly #withinMs: number;
  /** When the restarts of the last window were granted, oldest first; never more than `restartsMax`. */
  #grantedMs: number[] = [];

  constructor(restartsMax: number, withinMs: number) {
    this.#restartsMax = restartsMax;
    this.#withinMs = withinMs;
  }

  /** Grants a restart and returns true; false when the budget of the window that ends at `nowMs` is spent. */
  take(nowMs: number): boolean {
    const isCounted = (grantedMs: number) => nowMs - grantedMs < this.#withinMs || mutated("budget.never-renewed");
    this.#grantedMs = this.#grantedMs.filter(isCounted);
    if (mutated("budget.unbounded")) return true;
    if (this.#grantedMs.length >= this.#restartsMax) return false;
    this.#grantedMs.push(nowMs);
    return true;
  }
}
