/**
 * BatchBuilder: collects events until they are taken as one `Batch`. Nothing is allocated per event: the arrays are made
 * somewhat longer than the last batch was, which costs a quarter of letting them grow from nothing.
 *
 * Invariants
 *  B1  every event of a stream has an event time or none has; every event of a batch has a key or none has.
 *  B2  what `take` returned is never changed again: the builder starts over with new arrays.
 *
 * Not here: when a batch is full (the cell that owns the channel decides), which builder an event goes to
 * (groupings/partitioner.ts).
 */

import { assert, MillraceError } from "../runtime/index.ts";
import type { Batch, Key } from "./batch.ts";

/** Events with and without an event time met in one stream. */
export class MixedTimesError extends MillraceError {
  readonly code = "ERR_ACT_MIXED_TIMES";
}

export class BatchBuilder {
  /** Beyond `#length` the arrays hold what means nothing; `take` cuts it off. */
  #values: unknown[] = [];
  #times: number[] | undefined;
  #keys: Key[] | undefined;
  #length = 0;
  /** How many of them `takeBack` leaves. */
  #mark = 0;
  #lastLength = 0;
  /** Set by the first event and kept for good: where one batch ends and the next begins must not matter. */
  #timed: boolean | undefined;
  /** How long the arrays are, while events have no keys. */
  #plainRoom = 0;
  /** Whether the arrays are those of a batch that was added as a whole, which are never changed. */
  #shared = false;

  get length(): number {
    return this.#length;
  }

  /** Whether it holds the arrays of a batch that was added as a whole, and would copy them to add more. */
  get isShared(): boolean {
    return this.#shared;
  }

  /**
   * Adds one event.
   *
   * @throws ERR_ACT_MIXED_TIMES when the first event ever added had an event time and this one has none, or the other
   * way round; the event is not added
   */
  add(value: unknown, time: number | undefined, key: Key | undefined): void {
    const length = this.#length;
    if (length < this.#plainRoom && time === undefined && key === undefined && this.#timed === false) {
      this.#values[length] = value;
      this.#length = length + 1;
    } else {
      this.#add(value, time, key);
    }
  }

  /**
   * Adds a result of event `index` of a batch, with the time of that event; without one where there is no such event. A time that is handed
   * over by itself becomes an object. Throws like `add`.
   */
  addResult(value: unknown, batch: Batch | undefined, index: number): void {
    const time = batch?.times?.[index];
    const length = this.#length;
    if (time !== undefined && length < this.#plainRoom && this.#timed === true) {
      this.#values[length] = value;
      this.#times![length] = time;
      this.#length = length + 1;
    } else {
      this.add(value, time, undefined);
    }
  }

  #add(value: unknown, time: number | undefined, key: Key | undefined): void {
    const length = this.#length;
    this.#makeRoom(time !== undefined, key !== undefined);
    this.#values[length] = value;
    if (time !== undefined) this.#times![length] = time;
    if (key !== undefined) this.#keys![length] = key;
    this.#length = length + 1;
    if (key === undefined) this.#plainRoom = this.#values.length;
  }

  /** Adds event `index` of a batch, with this key: a time that is handed over by itself becomes an object. Throws like `add`. */
  addEvent({ values, times }: Batch, index: number, key: Key | undefined): void {
    if (times === undefined) return this.add(values[index], undefined, key);
    const length = this.#length;
    this.#makeRoom(true, key !== undefined);
    this.#values[length] = values[index];
    this.#times![length] = times[index]!;
    if (key !== undefined) this.#keys![length] = key;
    this.#length = length + 1;
  }

  /**
   * Adds the events `from` (included) to `to` (excluded) of a batch; if there are no others and these are all, by reference, so that the arrays
   * of the batch must not be changed any more. Throws like `add`, with nothing added.
   */
  addRange(batch: Batch, from: number, to: number): void {
    const { values, times, keys } = batch;
    if (from === to) return;
    if (this.#length === 0 && to - from === values.length) return this.#share(batch);
    const shift = this.#length - from;
    this.#makeRoom(times !== undefined, keys !== undefined);
    for (let index = from; index < to; index += 1) this.#values[shift + index] = values[index];
    if (times !== undefined) for (let index = from; index < to; index += 1) this.#times![shift + index] = times[index]!;
    if (keys !== undefined) for (let index = from; index < to; index += 1) this.#keys![shift + index] = keys[index]!;
    this.#length += to - from;
  }

  /** Adds events without keys, as `addRange` does. */
  addWhole(values: readonly unknown[], times: readonly number[] | undefined): void {
    this.addRange({ values, times, keys: undefined }, 0, values.length);
  }

  /** Whether events with event times, or such without, can be added. */
  takesTimes(timed: boolean): boolean {
    return this.#timed === undefined || this.#timed === timed;
  }

  /** Throws ERR_ACT_MIXED_TIMES where events with event times, or such without, cannot be added. */
  expectTimes(timed: boolean): void {
    if (timed !== this.#timed) this.#setTimed(timed);
  }

  /** What comes from here on can be taken back. */
  mark(): void {
    this.#mark = this.#length;
  }

  /** Takes back the events since the last mark; all of them, if nothing was marked since they were begun. */
  takeBack(): void {
    this.#length = this.#mark;
  }

  /** The events collected so far, as a batch; the builder is empty afterwards. */
  take(): Batch {
    const length = this.#length;
    const isEmpty = length === 0;
    if (this.#shared && length < this.#values.length) this.#copyShared();
    const batch = {
      values: this.#values,
      times: isEmpty ? undefined : this.#times,
      keys: isEmpty ? undefined : this.#keys,
    };
    if (!this.#shared) cutOff(batch, length);
    this.#values = [];
    this.#times = undefined;
    this.#keys = undefined;
    this.#shared = false;
    this.#plainRoom = 0;
    this.#length = 0;
    this.#mark = 0;
    this.#lastLength = length;
    return batch;
  }

  #setTimed(timed: boolean): void {
    if (this.#timed !== undefined) throw mixedTimes(timed);
    this.#timed = timed;
  }

  /** Throws ERR_ACT_MIXED_TIMES. */
  #makeRoom(timed: boolean, keyed: boolean): void {
    this.expectTimes(timed);
    if (this.#length === 0) this.#start(keyed);
    else if (this.#shared) this.#copyShared();
    assert(keyed === (this.#keys !== undefined), "B1: every event of a batch has a key or none has");
  }

  #share({ values, times, keys }: Batch): void {
    this.expectTimes(times !== undefined);
    // Never written to as long as they are shared.
    this.#plainRoom = 0;
    this.#values = values as unknown[];
    this.#times = times as number[] | undefined;
    this.#keys = keys as Key[] | undefined;
    this.#shared = true;
    this.#length = values.length;
  }

  #copyShared(): void {
    this.#shared = false;
    this.#values = this.#values.slice();
    this.#times = this.#times?.slice();
    this.#keys = this.#keys?.slice();
  }

  #start(keyed: boolean): void {
    this.#shared = false;
    this.#plainRoom = 0;
    const room = this.#lastLength + (this.#lastLength >> 4);
    this.#values = new Array<unknown>(room);
    this.#times = this.#timed === true ? new Array<number>(room) : undefined;
    this.#keys = keyed ? new Array<Key>(room) : undefined;
  }
}

interface OwnBatch {
  readonly values: unknown[];
  readonly times: number[] | undefined;
  readonly keys: Key[] | undefined;
}

function cutOff({ values, times, keys }: OwnBatch, length: number): void {
  values.length = length;
  if (times !== undefined) times.length = length;
  if (keys !== undefined) keys.length = length;
}

function mixedTimes(timed: boolean): MixedTimesError {
  const found = timed
    ? "an event with an event time follows events that have none"
    : "an event without an event time follows events that have one (emitted between events, without a time of its own?)";
  return new MixedTimesError(`${found}: a stream has event times on all its events or on none`);
}
