/**
 * StageOutput: what an operator of a chain has put out and was not handed on: its results, and behind or before them how far event
 * time has come.
 *
 * It has few fields, because operators call it for each event: V8 keeps an object with many private fields as a dictionary, four
 * times as slow, when its class makes one behind a garbage collection that found none of them (docs/decisions/0035).
 *
 * Invariants
 *  S1  of an event that failed no result stays.
 */

import type { Batch } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import type { TakenEvent } from "../letters/event-dead-letter.ts";
import type { Output } from "../operator.ts";
import { firstWatermark, type Watermark } from "../time/watermark.ts";

export class StageOutput implements Output {
  readonly #builders: readonly BatchBuilder[];
  /** Of the first output; one that takes nothing where there is none. */
  readonly #first: BatchBuilder;
  readonly #progress: Int32Array;
  /** In hand; undefined between batches. */
  #batch: Batch | undefined;
  #position = -1;
  /** Of an operator at work in a run with others: what it has in hand, in the place of `#position`. */
  #run: EventOfRun | undefined;
  /** What progress would have been told before the first event of the batch: each of its events tells one more. */
  #progressBefore = 0;
  /** Whether results have come since the event in hand began; before the first, the outputs are marked. Most events begin without one. */
  #isMarked = false;
  #told = firstWatermark;
  #watermarkBefore: Watermark | undefined;
  #watermarkBehind: Watermark | undefined;
  /** By output. */
  #isTaken: readonly boolean[];
  #untakenCount = 0;

  constructor(outputCount: number, progress: Int32Array) {
    this.#builders = Array.from({ length: outputCount }, () => new BatchBuilder());
    this.#first = this.#builders[0] ?? new BatchBuilder();
    this.#progress = progress;
    this.#isTaken = this.#builders.map(() => true);
  }

  /** Says of each output whether anybody takes its results: all are taken before. */
  setTaken(isTaken: readonly boolean[]): void {
    this.#isTaken = isTaken;
  }

  /** What the watchdog looks at. */
  get progress(): Int32Array {
    return this.#progress;
  }

  /** How far event time has come for those that take the results. */
  get told(): Watermark {
    return this.#told;
  }

  /** The event that began last in the batch in hand, or in the last one; -1 before its first. */
  get position(): number {
    return this.#run === undefined ? this.#position : this.#run.index;
  }

  /** Results that were not handed on. */
  get heldEvents(): number {
    let count = 0;
    for (const { length } of this.#builders) count += length;
    return count;
  }

  /** The operator is about to work on `batch`, from the event `from` on. */
  start(batch: Batch, from: number): void {
    this.#batch = batch;
    this.#run = undefined;
    this.#position = -1;
    this.#progressBefore = (this.#progress[0] ?? 0) - from;
  }

  /** It is about to work on `batch` in a run with others, which says what it has in hand. */
  startInRun(batch: Batch, run: EventOfRun): void {
    this.#batch = batch;
    this.#run = run;
  }

  /** It is done with that for now. */
  leave(): void {
    this.#batch = undefined;
  }

  begin(index: number): void {
    this.#position = index;
    this.#isMarked = false;
    this.#progress[0] = this.#progressBefore + index + 1;
  }

  emit(value: unknown, time?: number): void {
    if (!this.#isMarked) this.mark();
    if (time === undefined) this.#first.addResult(value, this.#batch, this.#position);
    else this.#first.add(value, time, undefined);
  }

  emitTo(outputIndex: number, value: unknown, time?: number): void {
    if (!this.#isMarked) this.mark();
    const builder = this.#builders[outputIndex];
    if (time === undefined) builder?.addResult(value, this.#batch, this.#position);
    else builder?.add(value, time, undefined);
  }

  /** Whether results with event times, or such without, can be put out. */
  takes(timed: boolean): boolean {
    return this.#builders.every((builder) => builder.takesTimes(timed));
  }

  expectAll(timed: boolean): void {
    for (const builder of this.#builders) builder.expectTimes(timed);
  }

  emitAll(values: readonly unknown[], times: readonly number[] | undefined, outputIndex = 0): void {
    this.#builders[outputIndex]?.addWhole(values, times);
    this.#isMarked = false;
  }

  isTaken(outputIndex: number): boolean {
    return this.#isTaken[outputIndex] === true;
  }

  countUntaken(resultCount: number): void {
    this.#untakenCount += resultCount;
  }

  advance(time: number, isIdle: boolean): void {
    const watermark = { time, isIdle };
    this.#told = watermark;
    if (this.#builders.some((builder) => builder.length > 0)) this.#watermarkBehind = watermark;
    else this.#watermarkBefore = watermark;
  }

  /** What comes from here on can be taken back. */
  mark(): void {
    this.#isMarked = true;
    this.#first.mark();
    for (let index = 1; index < this.#builders.length; index += 1) this.#builders[index]?.mark();
  }

  /** S1: takes back what was emitted since the last mark. */
  takeBack(): void {
    if (this.#isMarked) for (const builder of this.#builders) builder.takeBack();
  }

  /** The operator is at work, and hangs on nothing. */
  tellProgress(): void {
    this.#progress[0] = (this.#progress[0] ?? 0) + 1;
  }

  /** The results that wait on an output, taken out; undefined when there are none. */
  take(outputIndex: number): Batch | undefined {
    const builder = this.#builders[outputIndex];
    return builder === undefined || builder.length === 0 ? undefined : builder.take();
  }

  /** How many results there would have been on outputs that nobody takes, since it was asked before. */
  takeUntakenCount(): number {
    const count = this.#untakenCount;
    this.#untakenCount = 0;
    return count;
  }

  /** The values that wait on all outputs, taken out. */
  takeValues(): readonly unknown[] {
    return this.#builders.flatMap((builder) => builder.take().values);
  }

  /** How far event time has come for those that take the results, taken out. */
  takeWatermark(place: "before results" | "behind results"): Watermark | undefined {
    const isBefore = place === "before results";
    const watermark = isBefore ? this.#watermarkBefore : this.#watermarkBehind;
    if (isBefore) this.#watermarkBefore = undefined;
    else this.#watermarkBehind = undefined;
    return watermark;
  }

  /** What is known of a value that an operator gives up by itself, if that is the event in hand. */
  eventInHand(value: unknown): TakenEvent | undefined {
    const [batch, position] = [this.#batch, this.position];
    if (batch === undefined || position < 0) return undefined;
    const inHand = this.#run ?? { value: batch.values[position], time: batch.times?.[position] };
    return inHand.value === value ? takenEvent(batch, position, inHand.time, 1) : undefined;
  }
}

/** An event that an operator has in hand. */
export interface EventInHand {
  readonly value: unknown;
  readonly time: number | undefined;
}

/** The same, where several are at work on the same events. */
export interface EventOfRun extends EventInHand {
  readonly index: number;
}

export function takenEvent(batch: Batch, index: number, time: number | undefined, attempts: number): TakenEvent {
  return { key: batch.keys?.[index], time, input: batch.input ?? 0, batchIndex: index, attempts };
}
