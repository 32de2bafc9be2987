/** RunSlot: what one operator of a run has in hand, and what may be asked about it. */

import type { Batch } from "../batch.ts";
import type { RunInHand, StepSlot } from "./event-steps.ts";
import type { EventInHand, EventOfRun } from "./stage-output.ts";

/** Events that come each by itself. */
export const noBatch: Batch = { values: [], times: undefined, keys: undefined };

export class RunSlot implements EventOfRun, StepSlot {
  readonly #hand: RunInHand;
  /** What it was given before the event in hand, as far as that is known. */
  batch = noBatch;
  /** The first of them is the time of the event in hand, where an operator before has given it one. */
  times: Float64Array | undefined;
  given: { value: unknown } | undefined;
  passed: number | undefined;

  constructor(hand: RunInHand) {
    this.#hand = hand;
  }

  get index(): number {
    return this.#hand.index;
  }

  get value(): unknown {
    return this.given?.value;
  }

  get inHand(): EventInHand {
    return { value: this.value, time: this.time };
  }

  get time(): number | undefined {
    return this.times === undefined ? this.batch.times?.[this.index] : this.times[0];
  }
}
