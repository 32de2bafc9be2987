/**
 * CollectedEvents: what a `collect` sink has shown, as one array that only grows. Large parts stay the arrays in which they came until
 * somebody asks: to add one event after the other to an old array costs as much as most operators do.
 *
 * Invariants
 *  C1  `all` returns the same array each time, with all events in the order in which they were added.
 */

interface Part {
  readonly values: readonly unknown[];
  readonly from: number;
  readonly to: number;
}

/** Fewer are added at once: an array that is kept for them would take more room than they do. */
const partEventsMin = 64;

export class CollectedEvents {
  readonly #events: unknown[] = [];
  #parts: Part[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  all(): readonly unknown[] {
    const events = this.#events;
    let at = events.length;
    // Room for all of them, at once.
    if (this.#parts.length > 0) events.length = this.#length;
    for (const { values, from, to } of this.#parts) {
      for (let index = from; index < to; index += 1, at += 1) events[at] = values[index];
    }
    this.#parts = [];
    return events;
  }

  /** Adds values `from` (included) to `to` (excluded) of an array that is never changed. */
  add(values: readonly unknown[], from = 0, to = values.length): void {
    if (to - from < partEventsMin) {
      this.all();
      for (let index = from; index < to; index += 1) this.#events.push(values[index]);
    } else {
      this.#parts.push({ values, from, to });
    }
    this.#length += to - from;
  }
}
