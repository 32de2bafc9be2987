/**
 * BatchBuilder: collects events until they are taken as one `Batch`. Three growing arrays, nothing allocated per event.
 *
 * Invariants
 *  B1  times are as many as values, or none; the same for keys.
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
  #values: unknown[] = [];
  #times: number[] = [];
  #keys: Key[] = [];
  /** Set by the first event and kept for good: where one batch ends and the next begins must not matter. */
  #timed: boolean | undefined;

  get length(): number {
    return this.#values.length;
  }

  /**
   * Adds one event.
   *
   * @throws ERR_ACT_MIXED_TIMES when the first event ever added had an event time and this one has none, or the other
   * way round; the event is not added
   */
  add(value: unknown, time: number | undefined, key: Key | undefined): void {
    this.#checkTimed(time !== undefined);
    assert(
      this.#keys.length === (key === undefined ? 0 : this.#values.length),
      "B1: all events have a key or none has",
    );
    this.#values.push(value);
    if (time !== undefined) this.#times.push(time);
    if (key !== undefined) this.#keys.push(key);
  }

  /** Adds the events `from` (included) to `to` (excluded) of a batch. Throws like `add`, with nothing added. */
  addRange(batch: Batch, from: number, to: number): void {
    if (from === to) return;
    const { values, times, keys } = batch;
    this.#checkTimed(times !== undefined);
    assert(
      this.#keys.length === (keys === undefined ? 0 : this.#values.length),
      "B1: all events have a key or none has",
    );
    for (let index = from; index < to; index += 1) this.#values.push(values[index]);
    if (times !== undefined) for (let index = from; index < to; index += 1) this.#times.push(times[index]!);
    if (keys !== undefined) for (let index = from; index < to; index += 1) this.#keys.push(keys[index]!);
  }

  /** Takes back the newest events, so that `length` of them stay. */
  truncate(length: number): void {
    assert(length <= this.#values.length, "truncate keeps at most what is there");
    this.#values.length = length;
    if (this.#times.length > length) this.#times.length = length;
    if (this.#keys.length > length) this.#keys.length = length;
  }

  /** The events collected so far, as a batch; the builder is empty afterwards. */
  take(): Batch {
    const batch: Batch = {
      values: this.#values,
      times: this.#times.length === 0 ? undefined : this.#times,
      keys: this.#keys.length === 0 ? undefined : this.#keys,
    };
    this.#values = [];
    this.#times = [];
    this.#keys = [];
    return batch;
  }

  #checkTimed(timed: boolean): void {
    if (timed === this.#timed) return;
    if (this.#timed !== undefined) throw mixedTimes(timed);
    this.#timed = timed;
  }
}

function mixedTimes(timed: boolean): MixedTimesError {
  const found = timed
    ? "an event with an event time follows events that have none"
    : "an event without an event time follows events that have one (emitted between events, without a time of its own?)";
  return new MixedTimesError(`${found}: a stream has event times on all its events or on none`);
}
