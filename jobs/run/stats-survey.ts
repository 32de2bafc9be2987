/**
 * StatsSurvey: asks cells for their counters and waits until each has told them, or will not any more, or the time is up.
 */

import type { Clock } from "../../runtime/index.ts";

interface StatsWait<C> {
  readonly missing: Set<C>;
  readonly resolve: () => void;
}

export class StatsSurvey<C> {
  readonly #clock: Clock;
  readonly #ask: (cell: C) => void;
  readonly #waits = new Set<StatsWait<C>>();

  constructor(clock: Clock, ask: (cell: C) => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  async run(cells: readonly C[], limitMs: number): Promise<void> {
    if (cells.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(limitMs, resolve);
    const wait: StatsWait<C> = { missing: new Set(cells), resolve };
    this.#waits.add(wait);
    for (const cell of cells) this.#ask(cell);
    await promise;
    this.#waits.delete(wait);
    cancel();
  }

  /** The cell has told its counters, or will not any more. */
  answered(cell: C): void {
    for (const { missing, resolve } of this.#waits) {
      missing.delete(cell);
      if (missing.size === 0) resolve();
    }
  }
}
