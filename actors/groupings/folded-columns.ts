/** FoldedColumns: the accumulators that are held for one target, with their keys, in arrays that leave as a batch. */

import type { Batch, Key } from "../batch.ts";
import type { PreAggregation } from "./pre-aggregation.ts";

export class FoldedColumns {
  keys: Key[] = [];
  values: unknown[] = [];
  /** Of the newest event of each. */
  times: number[] = [];
  /** How many events are in each. */
  counts: number[] = [];
  /** Where the pane of each begins. */
  starts: number[] = [];
  length = 0;

  /** Whether that is the place of a key in the pane that begins there. */
  holds(place: number, key: Key, start: number): boolean {
    return place < this.length && this.keys[place] === key && this.starts[place] === start;
  }

  /** A new accumulator, of no event yet; its place. */
  begin(key: Key, accumulator: unknown, time: number, start: number): number {
    const place = this.length;
    this.keys[place] = key;
    this.values[place] = accumulator;
    this.times[place] = time;
    this.counts[place] = 0;
    this.starts[place] = start;
    this.length = place + 1;
    return place;
  }

  /** False when the aggregate refuses the event. */
  add(place: number, aggregate: PreAggregation["aggregate"], value: unknown, time: number): boolean {
    try {
      this.values[place] = aggregate.add(this.values[place], value, time);
    } catch {
      return false;
    }
    this.counts[place]! += 1;
    this.times[place] = time;
    return true;
  }

  /** One that was refused its first event is the last one; whether it is taken back. */
  withdraw(place: number): boolean {
    if (this.counts[place]! > 0) return false;
    this.length = place;
    return true;
  }

  take(): Batch | undefined {
    const { keys, values, times, counts, length } = this;
    if (length === 0) return undefined;
    this.keys = [];
    this.values = [];
    this.times = [];
    this.counts = [];
    this.starts = [];
    this.length = 0;
    for (const column of [keys, values, times, counts]) column.length = length;
    return { values, times, keys, counts };
  }
}
