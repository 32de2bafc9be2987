/** GatheredOutput: keeps the results of an operator until they are handed on, and takes back those of an event that failed. */

import { assert } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { EarlierEvent, OperatorLogic, Output } from "../operator.ts";

export class GatheredOutput implements Output {
  readonly #builders: readonly BatchBuilder[];
  #batch: Batch | undefined;
  #position = -1;

  constructor(outputCount: number) {
    this.#builders = Array.from({ length: outputCount }, () => new BatchBuilder());
  }

  /**
   * Has an operator work on a whole batch that is not in the hands of its cell. Of an event that failed no result stays, and those
   * behind it are still worked on.
   */
  work(
    logic: OperatorLogic,
    batch: Batch,
    onFailed: (value: unknown, error: unknown, event: EarlierEvent) => void,
  ): void {
    for (let from = 0, to = batch.values.length; from < to; ) {
      this.#batch = batch;
      this.#position = -1;
      try {
        logic.onBatch(batch, from, to, this);
        break;
      } catch (error) {
        const failed = Math.max(this.#position, from);
        this.#takeBack();
        onFailed(batch.values[failed], error, earlierEvent(batch, failed));
        from = failed + 1;
      }
    }
  }

  /** The event in hand; -1 before the first one. */
  get position(): number {
    return this.#position;
  }

  begin(index: number): void {
    this.#position = index;
    for (const builder of this.#builders) builder.mark();
  }

  emit(value: unknown, time?: number): void {
    this.emitTo(0, value, time);
  }

  emitTo(outputIndex: number, value: unknown, time?: number): void {
    const builder = this.#builders[outputIndex];
    if (time === undefined) builder?.addResult(value, this.#batch, this.#position);
    else builder?.add(value, time, undefined);
  }

  expectAll(timed: boolean): void {
    for (const builder of this.#builders) builder.expectTimes(timed);
  }

  emitAll(values: readonly unknown[], times: readonly number[] | undefined, outputIndex = 0): void {
    this.#builders[outputIndex]?.addWhole(values, times);
    this.#builders[outputIndex]?.mark();
  }

  isTaken(): boolean {
    return true;
  }

  countUntaken(): void {
    assert(false, "all of the outputs are taken");
  }

  advance(): void {
    assert(false, "an operator tells how far event time has come only when it was told");
  }

  /** All results so far go to `output`. */
  handOn(output: Output): void {
    for (const [index, builder] of this.#builders.entries()) {
      if (builder.length === 0) continue;
      const { values, times } = builder.take();
      for (let each = 0; each < values.length; each += 1) output.emitTo(index, values[each], times?.[each]);
    }
  }

  /** Takes back the results of the event in hand. */
  #takeBack(): void {
    if (this.#position < 0) return;
    for (const builder of this.#builders) builder.takeBack();
  }
}

/** What is known of an event of a batch that the cell has not in hand. */
export function earlierEvent(batch: Batch, index: number): EarlierEvent {
  return { key: batch.keys?.[index], time: batch.times?.[index], input: batch.input ?? 0, attempts: 1 };
}
