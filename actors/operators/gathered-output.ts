/** GatheredOutput: keeps the results of an operator until they are handed on, and takes back those of an event that failed. */

import { assert } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { Output } from "../operator.ts";

export class GatheredOutput implements Output {
  readonly #builders: readonly BatchBuilder[];
  #batch: Batch | undefined;
  #position = -1;

  constructor(outputCount: number) {
    this.#builders = Array.from({ length: outputCount }, () => new BatchBuilder());
  }

  /** The event in hand; -1 before the first one. */
  get position(): number {
    return this.#position;
  }

  /** The operator is about to work on `batch`. */
  start(batch: Batch): void {
    this.#batch = batch;
    this.#position = -1;
  }

  begin(index: number): void {
    this.#position = index;
    for (const builder of this.#builders) builder.mark();
  }

  emit(value: unknown, time?: number): void {
    this.emitTo(0, value, time);
  }

  emitTo(outputIndex: number, value: unknown, time?: number): void {
    this.#builders[outputIndex]?.add(value, time ?? this.#batch?.times?.[this.#position], undefined);
  }

  advance(): void {
    assert(false, "an operator tells how far event time has come only when it was told");
  }

  /** Takes back the results of the event in hand. */
  takeBack(): void {
    if (this.#position < 0) return;
    for (const builder of this.#builders) builder.takeBack();
  }

  /** All results so far go to `output`. */
  handOn(output: Output): void {
    for (const [index, builder] of this.#builders.entries()) {
      if (builder.length === 0) continue;
      const { values, times } = builder.take();
      for (let each = 0; each < values.length; each += 1) output.emitTo(index, values[each], times?.[each]);
    }
  }
}
