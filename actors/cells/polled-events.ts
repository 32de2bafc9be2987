/**
 * PolledEvents: what a source has emitted while it was polled, until a stride is made of it. It is polled for as many events as a
 * slice of a turn has time for.
 */

import { type CellContext, OptionError } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { sliceBudgetMs, strideEventsMax } from "../limits.ts";
import type { PollResult, SourceOutput, SourceReader } from "../source.ts";
import { BatchSlicer } from "./batch-slicer.ts";

export class PolledEvents {
  readonly #clock: CellContext["clock"];
  readonly #builder = new BatchBuilder();
  readonly #slicer = new BatchSlicer();
  readonly #output: PolledOutput;

  constructor({ clock, progress }: Pick<CellContext, "clock" | "progress">) {
    this.#clock = clock;
    this.#output = new PolledOutput(this.#builder, progress);
  }

  get count(): number {
    return this.#builder.length;
  }

  /**
   * Polls a batch's worth, or a stride's worth within the time budget. Throws what the reader throws; what it emitted before stays.
   *
   * @param toStride whether as much as makes a stride is wanted
   */
  poll(reader: SourceReader<unknown>, toStride: boolean): PollResult {
    const startMs = this.#clock.monotonicMs();
    const eventCountMax = toStride ? strideEventsMax : this.#slicer.sliceEvents;
    let elapsedMs = 0;
    let result: PollResult;
    this.#output.start();
    do {
      result = reader.poll(this.#output, this.#slicer.sliceEvents);
      const nowMs = this.#clock.monotonicMs();
      this.#slicer.took(nowMs - startMs - elapsedMs);
      elapsedMs = nowMs - startMs;
    } while (result === "more" && this.#builder.length < eventCountMax && elapsedMs < sliceBudgetMs);
    return result;
  }

  take(): Batch {
    return this.#builder.take();
  }

  /** Gives up what was emitted. */
  drop(): void {
    this.#builder.takeBack();
  }
}

class PolledOutput implements SourceOutput<unknown> {
  readonly #builder: BatchBuilder;
  readonly #progress: Int32Array;
  /** What progress was told before what the builder holds; each event tells a higher number. */
  #progressBefore = 0;

  constructor(builder: BatchBuilder, progress: Int32Array) {
    this.#builder = builder;
    this.#progress = progress;
  }

  /** The source is about to be polled. */
  start(): void {
    this.#progressBefore = (this.#progress[0] ?? 0) - this.#builder.length;
  }

  emit(value: unknown, time?: number): void {
    this.#builder.add(value, time, undefined);
    this.#progress[0] = this.#progressBefore + this.#builder.length;
  }

  emitAll(values: readonly unknown[], times?: readonly number[]): void {
    if (times !== undefined && times.length !== values.length) {
      throw new OptionError("emitAll: times", times.length, `one for each of the ${values.length} events`);
    }
    this.#builder.addWhole(values, times);
    this.#progress[0] = this.#progressBefore + this.#builder.length;
  }
}
