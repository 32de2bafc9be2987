/**
 * TokenBucket: how many events a rate allows by a given time. Pure: time is an argument, in ms of any zero.
 *
 * Token number n since the bucket was last full is there at `fullAt + (n - burst + 1) * interval / count`, so nothing adds
 * up rounding errors however long it runs.
 *
 * Invariant
 *  T1  any span of time lets through at most `burst + span * count / interval` tokens.
 */

import { assert } from "../../runtime/index.ts";

export class TokenBucket {
  readonly #count: number;
  readonly #intervalMs: number;
  readonly #burst: number;
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #taken = 0;

  /** @param burst how many tokens a full bucket holds, at least 1 */
  constructor(count: number, intervalMs: number, burst: number) {
    this.#count = count;
    this.#intervalMs = intervalMs;
    this.#burst = burst;
  }

  /** How long to wait for the next token in whole ms; 0 when there is one. */
  waitMs(nowMs: number): number {
    return Math.max(0, Math.ceil(this.#dueMs(this.#taken - this.#burst + 1) - nowMs));
  }

  /** Takes the token that `waitMs` said is there. */
  take(nowMs: number): void {
    assert(this.waitMs(nowMs) === 0, "T1: a token is taken only when there is one");
    if (this.#dueMs(this.#taken) <= nowMs) {
      this.#fullAtMs = nowMs;
      this.#taken = 0;
    }
    this.#taken += 1;
  }

  #dueMs(tokens: number): number {
    return this.#fullAtMs + (tokens * this.#intervalMs) / this.#count;
  }
}
