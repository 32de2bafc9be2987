/**
 * SplitWatermarks: how far event time has come in a source that reads several splits (partitions, files, devices), each in an
 * order of its own. Pure: the clock is an argument.
 *
 * Invariant
 *  W2  a split that is idle, or has not been heard of yet, holds nobody up; one with an event is active again from that event on.
 */

import type { Key } from "../batch.ts";
import type { SlowSplit } from "../operator.ts";
import { firstWatermark, type Watermark } from "./watermark.ts";
import { WatermarkMerge } from "./watermark-merge.ts";

interface Split {
  readonly index: number;
  /** The largest event time seen. */
  time: number;
  /** When the last event came, on the monotonic clock. */
  heardMs: number;
  isIdle: boolean;
}

export class SplitWatermarks {
  readonly #outOfOrdernessMs: number;
  readonly #merge = new WatermarkMerge([]);
  readonly #splits = new Map<Key, Split>();
  readonly #startMs: number;
  /** The split that was heard of last: most events are of the same one as the event before. */
  #heard: { readonly split: Key; readonly known: Split } | undefined;
  /** Whether it is idle without ever having had an event. */
  #isSilent = false;

  /** @param outOfOrdernessMs how far behind the largest time an event may come */
  constructor(outOfOrdernessMs: number, nowMs: number) {
    this.#outOfOrdernessMs = outOfOrdernessMs;
    this.#startMs = nowMs;
  }

  get merged(): Watermark {
    return this.#splits.size === 0 ? { time: firstWatermark.time, isIdle: this.#isSilent } : this.#merge.merged;
  }

  get size(): number {
    return this.#splits.size;
  }

  has(split: Key): boolean {
    return this.#splits.has(split);
  }

  /** The splits and the largest event time of each. */
  times(): (readonly [split: Key, time: number])[] {
    return [...this.#splits].map(([split, { time }]) => [split, time]);
  }

  /** An event with a time. */
  see(split: Key, time: number, nowMs: number): void {
    const heard = this.#heard;
    const known = heard?.split === split ? heard.known : this.#splits.get(split);
    if (known === undefined) {
      this.#splits.set(split, { index: this.#splits.size, time, heardMs: nowMs, isIdle: false });
      return;
    }
    if (heard?.known !== known) this.#heard = { split, known };
    if (time > known.time) known.time = time;
    known.heardMs = nowMs;
    known.isIdle = false;
  }

  /** Where a split was at a checkpoint; of several instances that read it, the one that was furthest behind counts. */
  restore(split: Key, time: number, nowMs: number): void {
    const known = this.#splits.get(split);
    if (known === undefined) this.see(split, time, nowMs);
    else known.time = Math.min(known.time, time);
  }

  /** Returns the watermark when it has changed by what was seen. */
  settle(): Watermark | undefined {
    for (const { index, time, isIdle } of this.#splits.values()) {
      this.#merge.set(index, { time: time - this.#outOfOrdernessMs - 1, isIdle });
    }
    return this.#merge.merge();
  }

  /** Splits without an event since `sinceMs` are idle now, and so is the whole when it has had none. */
  rest(sinceMs: number): void {
    for (const split of this.#splits.values()) if (split.heardMs <= sinceMs) split.isIdle = true;
    if (this.#startMs <= sinceMs) this.#isSilent = true;
  }

  /** The active split that is furthest behind; undefined when none is active. */
  slowest(nowMs: number): SlowSplit | undefined {
    let slowest: SlowSplit | undefined;
    for (const [split, { time, isIdle, heardMs }] of this.#splits) {
      if (!isIdle && (slowest === undefined || time < slowest.time))
        slowest = { split, time, quietMs: nowMs - heardMs };
    }
    return slowest;
  }

  /** When the active split that has been quiet for longest had its last event; undefined when none is active. */
  get quietSinceMs(): number | undefined {
    if (this.#splits.size === 0) return this.#isSilent ? undefined : this.#startMs;
    let sinceMs: number | undefined;
    for (const { isIdle, heardMs } of this.#splits.values()) {
      if (!isIdle && (sinceMs === undefined || heardMs < sinceMs)) sinceMs = heardMs;
    }
    return sinceMs;
  }
}
