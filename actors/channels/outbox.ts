/**
 * Outbox: the sending end of one channel, a log with two cursors. `sent` moves as credit allows, `acknowledged` when a
 * checkpoint completes; replay is setting `sent` back to `acknowledged`. Without retention (at-most-once) an item is
 * acknowledged as it is sent, except the end of the stream, which a receiver that starts over has to hear again. Where both
 * ends start over together, it is acknowledged as it is sent without exception: the sender sends everything anew.
 *
 * Invariants
 *  O1  acknowledged <= sent <= appended.
 *  O2  items leave in the order they were appended, each once per attempt, numbered from 0 within it.
 *  O3  nothing leaves before the channel was opened, and nothing under an attempt other than the newest opened (P4).
 *  O4  an item after the barrier of the last completed checkpoint is never forgotten (P3).
 *  O5  nothing follows the end.
 *  O6  what was sent under the attempt is reported as consumed once, batch by batch. Credit counts the values of batches, which are what
 *      takes memory and time; what is in flight and what is lost count the events that they stand for.
 *  O7  retained are the bytes of all items that are not forgotten, sent or not. Where both ends start over together they count
 *      until the same checkpoint, without being there.
 *  O8  a channel whose ends start over together is opened once, under the attempt of both: there is nothing that it could send
 *      again.
 *  O9  what was meant for the incarnation before opens nothing: its receiver would take what this one sends for what that one sent.
 *  O10 the bytes of an item that leaves are good until the next one is appended, on whatever channel.
 *
 * Not here: encoding, and the wire (stream-cell.ts).
 */

import { assert, mutated, Ring } from "../../runtime/index.ts";
import { BatchMemory } from "./batch-memory.ts";
import type { AppendedItem, SentBatch } from "./channel-item.ts";

/**
 * What the log keeps after sending: nothing, or everything since the last completed checkpoint; or nothing because the sender
 * starts over together with the receiver.
 */
export type Retention = "none" | "until-acknowledged" | "with-receiver";

export interface SentItem {
  readonly attempt: number;
  /** Its number within the attempt, from 0. */
  readonly seq: number;
  readonly item: AppendedItem;
}

export class Outbox {
  #retention: Retention;
  /** From `acknowledged` on; the items before it are forgotten. */
  #log: AppendedItem[] = [];
  readonly #memory = new BatchMemory();
  /** Of the items in `#log`; empty where nothing is kept. */
  #bytes: number[] = [];
  #retainedBytes = 0;
  /** Where both ends start over together: bytes behind the last complete checkpoint, and of them those before each barrier. */
  #repeatedBytes = 0;
  readonly #barriers: { readonly epoch: number; bytes: number }[] = [];
  /** Items at the start of `#log` that are forgotten but not cut off yet. */
  #forgotten = 0;
  /** Index in `#log` of the next item to send. */
  #sent = 0;
  #attempt: number | undefined;
  #seq = 0;
  #creditValues = 0;
  #unsentEvents = 0;
  /** Events sent under the current attempt that the receiver has not reported as consumed. */
  #inFlightEvents = 0;
  /** Of each batch in flight: its values, and their events. */
  #inFlight = new Ring<number>();
  #lostEvents = 0;
  #ended = false;
  /** O9: openings under older attempts were for an incarnation before. */
  readonly #attemptMin: number;

  /** @param attemptMin the attempt that the channel is at as the sender starts; where both ends start over together, the only one */
  constructor(retention: Retention, attemptMin = 0) {
    this.#retention = retention;
    this.#attemptMin = attemptMin;
  }

  /** Events that wait to be sent. */
  get unsentEvents(): number {
    return this.#unsentEvents;
  }

  /** Events sent and not reported as consumed. */
  get inFlightEvents(): number {
    return this.#inFlightEvents;
  }

  /** True when nothing waits to be sent, control items included. */
  get empty(): boolean {
    return this.#sent === this.#log.length;
  }

  /** Events that were in flight when a receiver was lost and are not sent again; at the most, see `open`. */
  get lostEvents(): number {
    return this.#lostEvents;
  }

  /** Bytes of what is kept until a checkpoint is complete; 0 where nothing is. */
  get retainedBytes(): number {
    return this.#retainedBytes;
  }

  /** Bytes behind the last complete checkpoint, all of which would come again: kept, or made anew. 0 where nothing comes again. */
  get replayBytes(): number {
    return this.isKeeping ? this.#retainedBytes : this.#repeatedBytes;
  }

  /** Whether anything comes again. */
  get isReplayed(): boolean {
    return this.#retention !== "none";
  }

  /** Whether it keeps what it sends until a checkpoint is complete. */
  get isKeeping(): boolean {
    return this.#retention === "until-acknowledged";
  }

  /**
   * From now on both ends start over together: what was sent is forgotten, and what will be.
   *
   * @param attempt the one it is open under; another one was that of an incarnation before
   */
  keepNothing(attempt: number): void {
    if (attempt !== this.#attempt) return;
    this.#retention = "with-receiver";
    this.#bytes = [];
    this.#repeatedBytes = this.#retainedBytes;
    this.#retainedBytes = 0;
    this.#forget(this.#sent);
  }

  /**
   * Never fails; sending waits for credit. What is encoded is copied.
   *
   * @param bytes what it takes where it is kept
   */
  append(item: AppendedItem, bytes = 0): void {
    assert(!this.#ended || item.kind === "barrier", "O5: nothing but barriers is appended behind the end");
    this.#log.push(item.kind === "batch" ? this.#own(item) : item);
    if (this.isKeeping) {
      this.#bytes.push(bytes);
      this.#retainedBytes += bytes;
    }
    if (this.#retention === "with-receiver") {
      this.#repeatedBytes += bytes;
      if (item.kind === "barrier") this.#barriers.push({ epoch: item.epoch, bytes: this.#repeatedBytes });
    }
    if (item.kind === "batch") this.#unsentEvents += item.eventCount;
    if (item.kind === "end") this.#ended = true;
  }

  /**
   * The receiver opens the channel: everything retained behind barrier `fromEpoch` will be sent under `attempt`.
   * Returns false for an attempt that is older than the newest one opened, or the same, or that of an incarnation before.
   *
   * What was sent under the attempt before, was not reported as consumed and is not retained counts as lost. The
   * receiver may have consumed some of it without having reported it yet, so the count is an upper bound.
   */
  open(attempt: number, fromEpoch: number, creditValues: number): boolean {
    if (attempt < this.#attemptMin && !mutated("outbox.old-opening")) return false;
    if (this.#attempt !== undefined && attempt <= this.#attempt) return false;
    const isFirst = this.#attempt === undefined;
    const isOnce = this.#retention !== "with-receiver" || (isFirst && attempt === this.#attemptMin);
    assert(isOnce, "O8: a channel whose ends start over together is opened once, under the attempt of both");
    this.#attempt = attempt;
    this.#seq = 0;
    if (mutated("outbox.credit-added")) this.#creditValues += creditValues;
    else if (isFirst || !mutated("outbox.credit-not-returned")) this.#creditValues = creditValues;
    if (this.#retention === "none") this.#lostEvents += this.#inFlightEvents;
    this.#inFlightEvents = 0;
    this.#inFlight = new Ring();
    if (!mutated("outbox.no-replay")) this.#replayFrom(fromEpoch);
    return true;
  }

  /** The receiver has consumed the next batches of `attempt`, of `consumedValues` values together, and accepts `creditValues` more. */
  grant(attempt: number, consumedValues: number, creditValues: number): void {
    if (attempt !== this.#attempt) return;
    this.#creditValues += creditValues;
    let left = consumedValues;
    while (left > 0) {
      const values = this.#inFlight.shift();
      assert(values !== undefined, "O6: no more is consumed than was sent");
      left -= values;
      this.#inFlightEvents -= this.#inFlight.shift()!;
    }
    assert(left === 0, "O6: what is consumed are whole batches");
  }

  /** The next item to send now; undefined when nothing waits or credit is lacking. */
  next(): SentItem | undefined {
    if (mutated("outbox.sends-unopened")) this.#attempt ??= 1;
    const item = this.#log[this.#sent];
    if (item === undefined || this.#attempt === undefined) return undefined;
    if (item.kind === "batch") {
      if (this.#creditValues <= 0) return undefined;
      this.#creditValues -= mutated("outbox.credit-of-events") ? item.eventCount : item.valueCount;
      this.#inFlight.push(item.valueCount);
      this.#inFlight.push(item.eventCount);
      this.#inFlightEvents += item.eventCount;
      this.#unsentEvents -= item.eventCount;
    }
    this.#sent += 1;
    if (this.#isOver(item)) this.#forget(this.#sent);
    const seq = this.#seq;
    this.#seq += 1;
    return { attempt: this.#attempt, seq, item };
  }

  /** The checkpoint of `epoch` is complete: everything up to its barrier is forgotten. */
  acknowledge(epoch: number): void {
    if (!this.isKeeping) return this.#complete(epoch);
    const barrier = this.#indexOfBarrier(epoch);
    if (barrier === undefined) return;
    assert(barrier < this.#sent, "O1: acknowledged <= sent");
    this.#forget(mutated("outbox.forgets-behind-barrier") ? this.#sent : barrier + 1);
  }

  #own(item: SentBatch): SentBatch {
    const { valueCount, eventCount, body } = item;
    return body instanceof Uint8Array ? { kind: "batch", valueCount, eventCount, body: this.#memory.keep(body) } : item;
  }

  /** Whether an item that was sent is kept no longer. */
  #isOver(item: AppendedItem): boolean {
    if (this.#retention === "with-receiver") return true;
    return (this.#retention === "none" || mutated("outbox.forgets-sent")) && item.kind !== "end";
  }

  /** O7 */
  #complete(epoch: number): void {
    const index = this.#barriers.findIndex((barrier) => barrier.epoch === epoch);
    const bytes = this.#barriers[index]?.bytes ?? 0;
    this.#barriers.splice(0, index + 1);
    for (const barrier of this.#barriers) barrier.bytes -= bytes;
    this.#repeatedBytes -= bytes;
  }

  #replayFrom(epoch: number): void {
    const barrier = this.#indexOfBarrier(epoch);
    this.#sent = barrier === undefined ? this.#forgotten : barrier + 1;
    this.#unsentEvents = 0;
    for (let index = this.#sent; index < this.#log.length; index += 1) {
      const item = this.#log[index];
      if (item?.kind === "batch") this.#unsentEvents += item.eventCount;
    }
  }

  #indexOfBarrier(epoch: number): number | undefined {
    for (let index = this.#forgotten; index < this.#log.length; index += 1) {
      const item = this.#log[index];
      if (item?.kind === "barrier" && item.epoch === epoch) return index;
    }
    return undefined;
  }

  /** Forgets the items before `index`; the array is cut once at least half of it is forgotten, which is cheap per item. */
  #forget(index: number): void {
    if (this.#forgotten === this.#log.length) return;
    for (let at = this.#forgotten; at < index; at += 1) {
      const item = this.#log[at];
      if (item?.kind === "batch" && item.body instanceof Uint8Array) this.#memory.release(item.body);
      this.#log[at] = forgottenItem;
      this.#retainedBytes -= this.#bytes[at] ?? 0;
    }
    this.#forgotten = index;
    if (this.#forgotten * 2 < this.#log.length || this.#forgotten < cutItemsMin) {
      if (this.#forgotten < this.#log.length) return;
    }
    this.#log = this.#log.slice(this.#forgotten);
    this.#bytes = this.#bytes.slice(this.#forgotten);
    this.#sent -= this.#forgotten;
    this.#forgotten = 0;
  }
}

const forgottenItem: AppendedItem = { kind: "end" };
const cutItemsMin = 64;
