/**
 * CreditWindow: how many events may be on their way on a channel. A receiver on another thread is off its core for moments, and its
 * credit takes a while to come back: a sender that is to go on meanwhile needs the more, the faster the receiver is. So the
 * window is what was consumed of late in `creditMs`, between an eighth of what is allowed at most and all of it. What waits in
 * front of a slow receiver, and any barrier behind it, is an eighth. Pure.
 *
 * Invariants
 *  W1  what may be on its way is never more than what is allowed, and credit that was given is not taken back.
 */

import { assert, mutated } from "../../runtime/index.ts";
import { creditFloorShare, creditMs, localCreditEventsMax } from "../limits.ts";

export class CreditWindow {
  readonly #eventsMin: number;
  readonly #eventsMax: number;
  #events: number;
  #reportedMs: number;

  /**
   * @param eventsMax what is allowed
   * @param isLocal whether the sender is on the same thread: it works in turns with the receiver, and more would only live longer
   */
  constructor(eventsMax: number, isLocal: boolean, nowMs: number) {
    this.#eventsMax = isLocal ? Math.min(eventsMax, localCreditEventsMax) : eventsMax;
    this.#eventsMin = isLocal ? this.#eventsMax : Math.ceil(eventsMax / creditFloorShare);
    this.#events = this.#eventsMin;
    this.#reportedMs = nowMs;
  }

  get events(): number {
    return this.#events;
  }

  /** The channel is opened anew: nothing is known of how fast it will be. */
  startOver(nowMs: number): void {
    this.#events = this.#eventsMin;
    this.#reportedMs = nowMs;
  }

  /** So many events were consumed since the last time; how many may follow for them. */
  report(consumedEvents: number, nowMs: number): number {
    const before = this.#events;
    const elapsedMs = nowMs - this.#reportedMs;
    this.#reportedMs = nowMs;
    // Nothing is known from no time: by twice as many at the most it gets nearer to what the next report says.
    const lately = elapsedMs > 0 ? Math.floor((consumedEvents * creditMs) / elapsedMs) : this.#eventsMax;
    const wanted = Math.max(this.#eventsMin, Math.min(this.#eventsMax, 2 * before, lately));
    const events = Math.max(wanted, before - consumedEvents);
    assert(events <= this.#eventsMax, "W1: no more is on its way than what is allowed");
    if (!mutated("inbox.window-unnoted")) this.#events = events;
    return consumedEvents + events - before;
  }
}
