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

/** What a receiver reports: values of an attempt that it has consumed, all of the batches that they came in, and how many may follow. */
export interface Consumption {
  readonly consumedValues: number;
  readonly creditValues: number;
}

export class Inbox {
  readonly #window: CreditWindow;
  #items = new Ring<ChannelItem>();
  #attempt: number;
  #expectedSeq = 0;
  #watermarkTime = firstWatermark.time;
  #waitingValues = 0;
  /** Taken, and not consumed yet. */
  #inHandValues = 0;
  #unreportedValues = 0;
  /** Of attempts before, and not consumed yet; their sender is gone and needs no credit for them. */
  #staleValues = 0;
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

  /** Values that wait to be consumed. */
  get waitingValues(): number {
    return this.#waitingValues;
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
    this.#unreportedValues = 0;
    this.#staleValues = this.#waitingValues + this.#inHandValues;
    this.#ended = false;
    return true;
  }

  /** How much the sender may send when the channel is opened. */
  get windowValues(): number {
    return this.#window.values;
  }

  /** False when the item belongs to another attempt and was dropped. */
  accept(attempt: number, seq: number, item: ChannelItem): boolean {
    if (attempt !== this.#attempt && !mutated("inbox.accepts-old-attempt")) return false;
    assert(seq === this.#expectedSeq, "N2: items come in order, without gap or duplicate");
    if (item.kind === "batch") {
      const outstanding = this.#waitingValues + this.#inHandValues - this.#staleValues + this.#unreportedValues;
      assert(outstanding < this.#window.values, "N3: a batch comes only while its sender has credit");
    }
    if (item.kind === "watermark") {
      assert(item.time >= this.#watermarkTime, "N4: watermarks do not go back within an attempt");
      this.#watermarkTime = item.time;
    }
    this.#expectedSeq += 1;
    this.#items.push(item);
    if (item.kind === "batch") this.#waitingValues += item.valueCount;
    return true;
  }

  take(): ChannelItem | undefined {
    const item = this.#items.shift();
    if (item === undefined) return undefined;
    if (item.kind === "batch") {
      this.#waitingValues -= item.valueCount;
      this.#inHandValues += item.valueCount;
    }
    if (item.kind === "end") this.#ended = true;
    return item;
  }

  /**
   * A batch of `valueCount` values that was taken has been handled. Returns what to report to the sender now: nothing until a
   * quarter of the window has come together, so that credit costs one message in many batches.
   */
  consumed(valueCount: number, nowMs: number): Consumption | undefined {
    this.#inHandValues -= valueCount;
    const stale = Math.min(valueCount, this.#staleValues);
    this.#staleValues -= stale;
    this.#unreportedValues += valueCount - (mutated("inbox.reports-stale") ? 0 : stale);
    const consumedValues = this.#unreportedValues;
    if (consumedValues === 0 || consumedValues * 4 < this.#window.values) return undefined;
    this.#unreportedValues = 0;
    return { consumedValues, creditValues: this.#window.report(consumedValues, nowMs) };
  }

  #forgetWaiting(): void {
    this.#items = new Ring();
    this.#waitingValues = 0;
  }
}
