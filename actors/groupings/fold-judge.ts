/**
 * FoldJudge: whether putting events together pays: where many of a key come between two sendings. Where they do not, it is left for a while,
 * and then tried again: after twice as long each time that it still does not.
 */

/** When putting together pays. */
export interface FoldBounds {
  /** Keys and panes that are held at most; with more they are sent at once. */
  readonly entriesMax: number;
  /** It pays while no larger share of the events has to be sent. */
  readonly sentShareMax: number;
  /** Where it does not, so many times as many events are sent as they are, at most. */
  readonly plainRunsMax: number;
}

export class FoldJudge {
  readonly #bounds: FoldBounds;
  /** Events that were put together, and of how many accumulators they were sent, since it was last judged. */
  #triedEvents = 0;
  #triedSent = 0;
  /** Events that are still to be sent as they are, because it did not pay. */
  #plainEvents = 0;
  #plainRuns = plainRunsMin;

  constructor(bounds: FoldBounds) {
    this.#bounds = bounds;
  }

  /** Whether so many events are to be sent as they are. */
  sendsPlain(eventCount: number): boolean {
    if (this.#plainEvents <= 0) return false;
    this.#plainEvents -= eventCount;
    return true;
  }

  /** So many events were put together, and sent as so many accumulators. */
  sent(eventCount: number, accumulatorCount: number): void {
    this.#triedEvents += eventCount;
    this.#triedSent += accumulatorCount;
    if (this.#triedEvents < judgedEventsMin) return;
    if (this.#triedSent > this.#triedEvents * this.#bounds.sentShareMax) {
      this.#plainEvents = this.#triedEvents * this.#plainRuns;
      this.#plainRuns = Math.min(2 * this.#plainRuns, this.#bounds.plainRunsMax);
    } else this.#plainRuns = plainRunsMin;
    this.#triedEvents = 0;
    this.#triedSent = 0;
  }
}

/** With fewer events it is not asked whether it pays. */
const judgedEventsMin = 512;
/** Where it does not, so many times as many events are sent as they are, at first. */
const plainRunsMin = 16;
