/**
 * Backoff: how long to wait before a restart. The first is immediate; each further one waits longer, up to a limit, and
 * a little more or less by chance, so that many children that fail together do not come back together. After a quiet
 * period the next failure counts as the first again.
 */

export interface BackoffSettings {
  /** Wait before the second restart in a row, in ms. */
  readonly minMs: number;
  /** Longest wait, in ms, chance included. */
  readonly maxMs: number;
  /** What a wait is multiplied with for the next one. */
  readonly factor: number;
  /** Share of a wait by which chance makes it shorter or longer, from 0 to 1. */
  readonly jitter: number;
  /** Without a failure for this long after a restart, in ms, the count begins again. */
  readonly resetAfterMs: number;
}

export class Backoff {
  readonly #settings: BackoffSettings;
  #restartCount = 0;
  /** When the last restart was due, in ms. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(settings: BackoffSettings) {
    this.#settings = settings;
  }

  /**
   * The wait before the restart that follows a failure at `nowMs`, in ms.
   *
   * @param random uniform in [0, 1)
   */
  next(nowMs: number, random: number): number {
    if (nowMs - this.#dueMs >= this.#settings.resetAfterMs) this.#restartCount = 0;
    const delayMs = this.#restartCount === 0 ? 0 : this.#delayMs(this.#restartCount - 1, random);
    this.#restartCount += 1;
    this.#dueMs = nowMs + delayMs;
    return delayMs;
  }

  /** The wait before the restart number `count`, from 1, of those for one cause; it changes nothing for others. */
  waitBefore(count: number, random: number): number {
    return count === 1 ? 0 : this.#delayMs(count - 2, random);
  }

  #delayMs(exponent: number, random: number): number {
    const { minMs, maxMs, factor, jitter } = this.#settings;
    const meanMs = Math.min(maxMs, minMs * factor ** exponent);
    return Math.min(maxMs, meanMs * (1 + jitter * (2 * random - 1)));
  }
}
