/**
 * PolledEvents: what a source has emitted while it was polled, until a stride is made of it. It is polled for as many events as a
 * slice of a turn has time for. Where the operators behind it take events one by one, they are given each as it is emitted, and
 * there is no batch of them.
 */

import { type CellContext, OptionError } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { sliceBudgetMs, strideEventsMax } from "../limits.ts";
import type { PollResult, SourceOutput, SourceReader } from "../source.ts";
import { BatchSlicer } from "./batch-slicer.ts";
import type { Passer } from "./passer.ts";

export class PolledEvents {
  readonly #clock: CellContext["clock"];
  readonly #builder = new BatchBuilder();
  readonly #slicer = new BatchSlicer();
  readonly #output: PolledOutput;
  readonly #passer: Passer | undefined;
  /** Takes what the passer does not. */
  readonly #overflow: SourceOutput<unknown> = {
    emit: (value, time) => this.#rest().emit(value, time),
    emitAll: (values, times) => this.#rest().emitAll(values, times),
  };
  #isPassing = false;

  /** @param passer takes events as they are emitted, if somebody does */
  constructor({ clock, progress }: Pick<CellContext, "clock" | "progress">, passer?: Passer) {
    this.#clock = clock;
    this.#output = new PolledOutput(this.#builder, progress);
    this.#passer = passer;
  }

  /** How many events wait to be taken. */
  get count(): number {
    return this.#builder.length;
  }

  /** How many events the passer has taken in the last poll. */
  get passedCount(): number {
    return this.#isPassing ? this.#passer!.passedCount : 0;
  }

  /** Whether the passer is to be told that no more events come. */
  get isPassing(): boolean {
    return this.#isPassing;
  }

  /**
   * Polls a batch's worth, or a stride's worth within the time budget. Throws what the reader throws; what it emitted before stays.
   *
   * @param toStride whether as much as makes a stride is wanted
   * @param passMax how many events may go on as they are emitted
   */
  poll(reader: SourceReader<unknown>, toStride: boolean, passMax = 0): PollResult {
    const startMs = this.#clock.monotonicMs();
    const eventCountMax = toStride ? strideEventsMax : this.#slicer.sliceEvents;
    let elapsedMs = 0;
    let result: PollResult;
    const output = this.#start(passMax);
    do {
      result = reader.poll(output, this.#slicer.sliceEvents);
      const nowMs = this.#clock.monotonicMs();
      this.#slicer.took(nowMs - startMs - elapsedMs);
      elapsedMs = nowMs - startMs;
    } while (result === "more" && this.#builder.length + this.passedCount < eventCountMax && elapsedMs < sliceBudgetMs);
    return result;
  }

  #start(passMax: number): SourceOutput<unknown> {
    // Where nothing can go on, each of them would go to the overflow, and the compiler would have to make each of the others, too.
    const mayPass = passMax > 0 && this.#builder.takesTimes(false);
    const output = mayPass ? this.#passer?.startPassing(passMax, this.#overflow) : undefined;
    this.#isPassing = output !== undefined;
    this.#output.start();
    return output ?? this.#output;
  }

  /** Where events go behind those that the passer has taken, which had no times, and have told their progress. */
  #rest(): SourceOutput<unknown> {
    if (this.passedCount > 0) this.#builder.expectTimes(false);
    this.#output.start();
    return this.#output;
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
