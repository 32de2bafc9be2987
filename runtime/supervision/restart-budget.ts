/**
 * RestartBudget: at most so many restarts in any window of time. A child that fails again and again is given up on
 * instead of being restarted for ever.
 *
 * Invariant
 *  I1  in no half-open window of `withinMs` are more than `restartsMax` restarts granted.
 */

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
    this.#grantedMs = this.#grantedMs.filter((grantedMs) => nowMs - grantedMs < this.#withinMs);
    if (this.#grantedMs.length >= this.#restartsMax) return false;
    this.#grantedMs.push(nowMs);
    return true;
  }
}
