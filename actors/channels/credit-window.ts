/**
 * CreditWindow: how many values may be on their way on a channel: events, and accumulators of several, which take as much
 * memory and time as one. A receiver on another thread is off its core for moments, and its credit takes a while to come back:
 * a sender that is to go on meanwhile needs the more, the faster the receiver is. So the window is what was consumed of late
 * in `creditMs`, between an eighth of what is allowed at most and all of it. What waits in front of a slow receiver, and any
 * barrier behind it, is an eighth. Pure.
 *
 * Invariants
 *  W1  what may be on its way is never more than what is allowed, and credit that was given is not taken back.
 */

import { assert, mutated } from "../../runtime/index.ts";
import { creditFloorShare, creditMs, localCreditEventsMax } from "../limits.ts";

export class CreditWindow {
  readonly #valuesMin: number;
  readonly #valuesMax: number;
  #values: number;
  #reportedMs: number;

  /**
   * @param valuesMax what is allowed
   * @param isLocal whether the sender is on the same thread: it works in turns with the receiver, and more would only live longer
   */
  constructor(valuesMax: number, isLocal: boolean, nowMs: number) {
    this.#valuesMax = isLocal ? Math.min(valuesMax, localCreditEventsMax) : valuesMax;
    this.#valuesMin = isLocal ? this.#valuesMax : Math.ceil(valuesMax / creditFloorShare);
    this.#values = this.#valuesMin;
    this.#reportedMs = nowMs;
  }

  get values(): number {
    return this.#values;
  }

  /** The channel is opened anew: nothing is known of how fast it will be. */
  startOver(nowMs: number): void {
    this.#values = this.#valuesMin;
    this.#reportedMs = nowMs;
  }

  /** So many values were consumed since the last time; how many may follow for them. */
  report(consumedValues: number, nowMs: number): number {
    const before = this.#values;
    const elapsedMs = nowMs - this.#reportedMs;
    this.#reportedMs = nowMs;
    // Nothing is known from no time: by twice as many at the most it gets nearer to what the next report says.
    const lately = elapsedMs > 0 ? Math.floor((consumedValues * creditMs) / elapsedMs) : this.#valuesMax;
    const wanted = Math.max(this.#valuesMin, Math.min(this.#valuesMax, 2 * before, lately));
    const values = Math.max(wanted, before - consumedValues);
    assert(values <= this.#valuesMax, "W1: no more is on its way than what is allowed");
    if (!mutated("inbox.window-unnoted")) this.#values = values;
    return consumedValues + values - before;
  }
}
