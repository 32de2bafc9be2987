/**
 * Inbox: the receiving end of one channel. It opens the channel, takes in what comes under its attempt, and reports what
 * was consumed as credit.
 *
 * Invariants
 *  N1  items of another attempt are dropped.
 *  N2  within an attempt items come in order, without gap or duplicate.
 *  N3  at most the credit window (credit-window.ts) plus one batch waits; after a reopening without replay, what waited before comes on top.
 *      What was taken is not held, also where something always waits.
 *  N4  within an attempt watermarks do not go back (P6).
 */

import { assert, mutated, Ring } from "../../runtime/index.ts";
import { firstWatermark } from "../time/watermark.ts";
import type { ChannelItem } from "./channel-item.ts";
import type { CreditWindow } from "./credit-window.ts";

/** What a receiver reports: events of an attempt that it has consumed, and how many may follow. */
export interface Consumption {
  readonly consumedEvents: number;
  readonly creditEvents: number;
}

export class Inbox {
  readonly #window: CreditWindow;
  #items = new Ring<ChannelItem>();
  #attempt: number;
  #expectedSeq = 0;
  #watermarkTime = firstWatermark.time;
  #waitingEvents = 0;
  /** Taken, and not consumed yet. */
  #inHandEvents = 0;
  #unreportedEvents = 0;
  /** Events of attempts before that are not consumed yet; their sender is gone and needs no credit for them. */
  #staleEvents = 0;
  #ended = false;

  /** @param ended whether the channel had delivered its end before the receiver started over */
  constructor(attempt: number, window: CreditWindow, ended = false) {
    this.#attempt = attempt;
    this.#ended = ended;
    this.#window = window;
  }

  /** The newest attempt it was told of. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Events that wait to be consumed. */
  get waitingEvents(): number {
    return this.#waitingEvents;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** True when the end of the stream was taken. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * The upstream end starts over under a new attempt. What came before it and was not taken stays, unless the new attempt
   * brings it again: its barriers and its end would count for those to come. False for an old attempt.
   */
  reopen(attempt: number, isReplayed: boolean, nowMs: number): boolean {
    if (attempt <= this.#attempt) return false;
    this.#attempt = attempt;
    this.#window.startOver(nowMs);
    if (isReplayed && !mutated("inbox.keeps-waiting")) this.#forgetWaiting();
    this.#expectedSeq = 0;
    this.#watermarkTime = firstWatermark.time;
    this.#unreportedEvents = 0;
    this.#staleEvents = this.#waitingEvents + this.#inHandEvents;
    this.#ended = false;
    return true;
  }

  /** How much the sender may send when the channel is opened. */
  get windowEvents(): number {
    return this.#window.events;
  }

  /** False when the item belongs to another attempt and was dropped. */
  accept(attempt: number, seq: number, item: ChannelItem): boolean {
    if (attempt !== this.#attempt && !mutated("inbox.accepts-old-attempt")) return false;
    assert(seq === this.#expectedSeq, "N2: items come in order, without gap or duplicate");
    if (item.kind === "batch") {
      const outstanding = this.#waitingEvents + this.#inHandEvents - this.#staleEvents + this.#unreportedEvents;
      assert(outstanding < this.#window.events, "N3: a batch comes only while its sender has credit");
    }
    if (item.kind === "watermark") {
      assert(item.time >= this.#watermarkTime, "N4: watermarks do not go back within an attempt");
      this.#watermarkTime = item.time;
    }
    this.#expectedSeq += 1;
    this.#items.push(item);
    if (item.kind === "batch") this.#waitingEvents += item.eventCount;
    return true;
  }

  take(): ChannelItem | undefined {
    const item = this.#items.shift();
    if (item === undefined) return undefined;
    if (item.kind === "batch") {
      this.#waitingEvents -= item.eventCount;
      this.#inHandEvents += item.eventCount;
    }
    if (item.kind === "end") this.#ended = true;
    return item;
  }

  /**
   * `eventCount` events that were taken have been handled. Returns what to report to the sender now: nothing until a
   * quarter of the window has come together, so that credit costs one message in many batches.
   */
  consumed(eventCount: number, nowMs: number): Consumption | undefined {
    this.#inHandEvents -= eventCount;
    const stale = Math.min(eventCount, this.#staleEvents);
    this.#staleEvents -= stale;
    this.#unreportedEvents += eventCount - (mutated("inbox.reports-stale") ? 0 : stale);
    const consumedEvents = this.#unreportedEvents;
    if (consumedEvents === 0 || consumedEvents * 4 < this.#window.events) return undefined;
    this.#unreportedEvents = 0;
    return { consumedEvents, creditEvents: this.#window.report(consumedEvents, nowMs) };
  }

  #forgetWaiting(): void {
    this.#items = new Ring();
    this.#waitingEvents = 0;
  }
}
