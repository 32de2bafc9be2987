/** HarnessOutput: the results of an operator under test, with the checks O1, O2 and O5 of operator-harness.ts. */

import { assert } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { Output } from "../operator.ts";
import { firstWatermark, type Watermark } from "../time/watermark.ts";

export interface HarnessResult {
  readonly value: unknown;
  readonly time: number | undefined;
}

/** What an operator is called for; `batch` is undefined between events. */
export interface CallRange {
  readonly batch: Batch | undefined;
  readonly from: number;
  readonly to: number;
}

export const betweenEvents: CallRange = { batch: undefined, from: 0, to: 0 };

export class HarnessOutput implements Output {
  readonly #builders: readonly BatchBuilder[];
  readonly #results: HarnessResult[][];
  #range: CallRange | undefined;
  readonly #watermarks: Watermark[] = [];
  #next = 0;
  #begun = false;

  constructor(outputCount: number) {
    this.#builders = Array.from({ length: outputCount }, () => new BatchBuilder());
    this.#results = this.#builders.map(() => []);
  }

  /** The event behind the last one that began in the call made last. */
  get next(): number {
    return this.#next;
  }

  /** Calls the operator; results are taken from it until it returns. */
  during<R>(range: CallRange, call: () => R): R {
    assert(this.#range === undefined, "an operator is not re-entered");
    this.#range = range;
    this.#next = range.from;
    this.#begun = false;
    try {
      return call();
    } finally {
      this.#range = undefined;
    }
  }

  begin(index: number): void {
    assert(this.#range?.batch !== undefined, "O1: an event begins only within onBatch");
    assert(index === this.#next && index < this.#range.to, "O1: events begin in order, within the range asked for");
    this.#next = index + 1;
    this.#begun = true;
    for (const builder of this.#builders) builder.mark();
  }

  emit(value: unknown, time?: number): void {
    this.emitTo(0, value, time);
  }

  emitTo(outputIndex: number, value: unknown, time?: number): void {
    assert(this.#range !== undefined, "O2: results come only while the operator is called");
    const builder = this.#builders[outputIndex];
    assert(builder !== undefined, "O2: results come only on declared outputs");
    const timeInHand = this.#begun ? this.#range.batch?.times?.[this.#next - 1] : undefined;
    builder.add(value, time ?? timeInHand, undefined);
  }

  expectAll(timed: boolean): void {
    assert(
      this.#range?.batch !== undefined && !this.#begun,
      "O1: results all at once are announced before the first event",
    );
    for (const builder of this.#builders) builder.expectTimes(timed);
  }

  emitAll(values: readonly unknown[], times: readonly number[] | undefined, outputIndex = 0): void {
    assert(this.#range !== undefined, "O2: results come only while the operator is called");
    assert(times === undefined || times.length === values.length, "O2: every result has its time");
    const builder = this.#builders[outputIndex];
    assert(builder !== undefined, "O2: results come only on declared outputs");
    builder.addWhole(values, times);
    builder.mark();
  }

  isTaken(): boolean {
    return true;
  }

  countUntaken(): void {
    assert(false, "O2: all of the outputs are taken");
  }

  advance(time: number, isIdle: boolean): void {
    const before = this.#watermarks.at(-1) ?? firstWatermark;
    assert(time >= before.time, "O5: a watermark never goes back");
    this.#watermarks.push({ time, isIdle });
  }

  /** All that the operator has passed on. */
  get watermarks(): readonly Watermark[] {
    return this.#watermarks;
  }

  /** Takes back the results of the event that failed. */
  takeBack(): void {
    for (const builder of this.#builders) builder.takeBack();
  }

  /** All results so far on one output. */
  results(outputIndex: number): readonly HarnessResult[] {
    const { values, times } = this.#builders[outputIndex]!.take();
    const results = this.#results[outputIndex]!;
    for (const [index, value] of values.entries()) results.push({ value, time: times?.[index] });
    return [...results];
  }
}
