/**
 * OperatorStage: one operator of a chain at work: its logic, the results it has not handed on, its counters, and what
 * becomes of an event it fails at.
 *
 * Invariants
 *  S1  of an event that failed no result stays.
 *  S2  in = handled by the logic + dead letters + what is still in hand.
 */

import { type Address, assert, type Directive, faultPoint } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import { BatchBuilder } from "../batch-builder.ts";
import { type ReplayPolicy, verdictOnEvent } from "../epochs/failed-events.ts";
import { mergedState } from "../epochs/merged-state.ts";
import { encodeSnapshot } from "../epochs/state-delta.ts";
import type { TakenEvent } from "../letters/event-dead-letter.ts";
import {
  lateOutputName,
  type OperatorContext,
  type OperatorLogic,
  type OperatorSpec,
  type Output,
  type PartContext,
} from "../operator.ts";
import { assertOwned } from "../state/owned-entries.ts";
import { firstWatermark, type Watermark } from "../time/watermark.ts";
import { noCounters, type OperatorCounters } from "./operator-counters.ts";
import { failureOf, OperatorFailedError } from "./operator-failed-error.ts";

export interface StageSpec {
  /** The operator's name. */
  readonly name: string;
  readonly address: Address;
  readonly spec: Pick<OperatorSpec, "kind" | "outputs" | "maxDriftMs" | "awaitsInput" | "create">;
  /** The output that the next operator of the chain takes; undefined for the last one. */
  readonly chainedOutput: number | undefined;
  /**
   * How often an event may fail before it is given up, where failures are followed by a replay; undefined where they are
   * not, so that an event that failed is given up at once.
   */
  readonly replay: ReplayPolicy | undefined;
  /** What to do about an error; `resume` gives the event up and goes on. */
  readonly decide: (error: unknown) => Directive;
}

/** Writes the dead letter of what is given up. */
export type WriteLetter = (value: unknown, error: unknown, event: TakenEvent | undefined) => void;

export class OperatorStage implements Output {
  readonly spec: StageSpec;
  readonly counters: OperatorCounters = { ...noCounters };
  readonly #progress: Int32Array;
  readonly #writeLetter: WriteLetter;
  readonly #builders: BatchBuilder[];
  readonly #lateOutput: number;
  #logic: OperatorLogic;
  /** The logic, while it is open: one that was closed has no say any more. */
  #living: OperatorLogic | undefined;
  #woken = false;
  #endFailed = false;
  /** How far event time has come on the input of this operator. */
  #watermark = firstWatermark;
  /** How far it has come for those that take its results. */
  #told = firstWatermark;
  #watermarkBefore: Watermark | undefined;
  #watermarkBehind: Watermark | undefined;
  /** The input that it awaits, once that is over. */
  #inputOver: number | undefined;
  /** In hand; undefined between batches. */
  #batch: Batch | undefined;
  #position = -1;
  #time: number | undefined;
  /** The rest of a batch that the operator did not take. */
  #rest: { readonly batch: Batch; readonly from: number; readonly to: number } | undefined;

  constructor(spec: StageSpec, progress: Int32Array, writeLetter: WriteLetter) {
    this.spec = spec;
    this.#progress = progress;
    this.#writeLetter = writeLetter;
    this.#builders = spec.spec.outputs.map(() => new BatchBuilder());
    this.#lateOutput = spec.spec.outputs.indexOf(lateOutputName);
    this.#logic = spec.spec.create();
  }

  /** How far event time has come on its input. */
  get watermark(): Watermark {
    return this.#watermark;
  }

  /** How far event time has come for those that take its results. */
  get told(): Watermark {
    return this.#told;
  }

  get logic(): OperatorLogic {
    return this.#logic;
  }

  /** True when it can take input now. */
  get ready(): boolean {
    return this.#rest === undefined && (this.#logic.ready?.() ?? true);
  }

  /** True when nothing is in flight or in hand. */
  get quiet(): boolean {
    return this.#rest === undefined && (this.#logic.quiet?.() ?? true);
  }

  /** In hand, with the operator, or emitted by it and not handed on. */
  get heldEvents(): number {
    let count = this.#logic.heldEvents?.() ?? 0;
    if (this.#rest !== undefined) count += this.#rest.to - this.#rest.from;
    for (const { length } of this.#builders) count += length;
    return count;
  }

  /** True when the operator failed at its last results. */
  get endFailed(): boolean {
    return this.#endFailed;
  }

  async open(context: PartContext): Promise<void> {
    this.#living = this.#logic;
    await this.#logic.open?.(this.#whileItLives(context, this.#logic));
  }

  async close(): Promise<void> {
    this.#living = undefined;
    await this.#logic.close?.();
  }

  /** A new logic in the place of one that failed; its state is empty, the rest of the batch in hand stays. */
  async startOver(context: PartContext): Promise<void> {
    this.#logic.abandon?.();
    await this.close();
    this.#logic = this.spec.spec.create();
    await this.open(context);
    if (this.#inputOver !== undefined) this.#logic.onInputOver?.(this.#inputOver, this);
  }

  // ---- Output

  begin(index: number): void {
    this.#position = index;
    this.#time = this.#batch?.times?.[index];
    this.#mark();
    this.#tellProgress();
  }

  emit(value: unknown, time?: number): void {
    this.#builders[0]?.add(value, time ?? this.#time, undefined);
  }

  emitTo(outputIndex: number, value: unknown, time?: number): void {
    this.#builders[outputIndex]?.add(value, time ?? this.#time, undefined);
  }

  advance(time: number, isIdle: boolean): void {
    const watermark = { time, isIdle };
    this.#told = watermark;
    if (this.#builders.some((builder) => builder.length > 0)) this.#watermarkBehind = watermark;
    else this.#watermarkBefore = watermark;
  }

  // ---- work

  /**
   * Takes the events `from` to `to` of a batch. Throws ERR_ACT_OPERATOR_FAILED when the directive for an error is not to
   * resume; the events behind the failed one stay in hand then.
   */
  take(batch: Batch, from: number, to: number): void {
    assert(this.#rest === undefined, "K1: while a stage holds something back it takes no input");
    let next = from;
    // Behind a failed event the operator is asked again even if it was the last: it may owe results of those before.
    while (from < to) {
      this.#batch = batch;
      this.#position = -1;
      try {
        const taken = this.#logic.onBatch(batch, next, to, this) ?? to;
        this.counters.in += taken - next;
        next = taken;
        if (next < to) this.#rest = { batch, from: next, to };
        return;
      } catch (error) {
        if (this.#position >= 0) this.#takeBack();
        const failed = Math.max(this.#position, next);
        if (failed >= to) throw this.#failure(error);
        this.counters.in += failed + 1 - next;
        next = failed + 1;
        const verdict = verdictOnEvent(batch.values[failed], this.spec.decide(error), this.spec.replay);
        if (verdict.kind === "give-up") {
          this.giveUp(batch.values[failed], error, takenEvent(batch, failed, verdict.attempts));
          if (verdict.next === "resume") continue;
        }
        // A replay brings those behind it again, too.
        if (verdict.kind !== "again" && next < to) this.#rest = { batch, from: next, to };
        throw failureOf(this.spec, verdict, error);
      } finally {
        this.#betweenEvents();
      }
    }
  }

  /** An event that could not be handed on, after the operator was done with it. Throws ERR_ACT_OPERATOR_FAILED. */
  refuse(value: unknown, error: unknown): void {
    const directive = this.spec.decide(error);
    if (directive === "stop" || directive === "escalate") throw new OperatorFailedError(this.spec, directive, error);
    this.giveUp(value, error);
  }

  /**
   * Gives up on an event: a dead letter, counted.
   *
   * @param event what is known of it, if it is one that the operator has taken and does not have in hand
   */
  giveUp(value: unknown, error: unknown, event = this.#eventInHand(value)): void {
    this.counters.deadLetters += 1;
    this.#writeLetter(value, error, event);
  }

  /** Goes on with the rest of a batch, if the operator takes input again. False when it still does not. */
  takeRest(): boolean {
    const rest = this.#rest;
    if (rest === undefined) return true;
    if (!(this.#logic.ready?.() ?? true)) return false;
    this.#rest = undefined;
    this.take(rest.batch, rest.from, rest.to);
    return this.#rest === undefined;
  }

  /** What changed in the operator's state since the snapshot before, in so many bytes at most; undefined when nothing did. */
  snapshot(epoch: number, bytesMax?: number): Uint8Array | undefined {
    try {
      faultPoint("operator.snapshot.behind-barrier");
      const entries = this.#logic.snapshot?.(epoch) ?? [];
      return entries.length === 0 ? undefined : encodeSnapshot(this.spec.name, entries, bytesMax);
    } catch (error) {
      // Its barrier has left, and there is no event to give up: the operator has to start over.
      const directive = this.spec.decide(error);
      throw new OperatorFailedError(this.spec, directive === "resume" ? "restart" : directive, error);
    }
  }

  /** The operator's state as of a checkpoint, in the instance of a number among so many. */
  restore(deltas: readonly Uint8Array[], epoch: number, instance: number, parallelism: number): void {
    // Large state takes a while, and is no hang.
    const state = mergedState(deltas);
    this.#tellProgress();
    assertOwned(state, instance, parallelism);
    this.#tellProgress();
    this.#logic.restore?.(state, epoch);
    this.#tellProgress();
  }

  /** Lets the operator hand out results, if it asked for it. Throws ERR_ACT_OPERATOR_FAILED. */
  onWake(): void {
    if (!this.#woken) return;
    this.#woken = false;
    try {
      this.#logic.onWake?.(this);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Event time has come so far. Throws ERR_ACT_OPERATOR_FAILED. */
  onWatermark(watermark: Watermark): void {
    this.#watermark = { time: Math.max(this.#watermark.time, watermark.time), isIdle: watermark.isIdle };
    if (this.#logic.onWatermark === undefined) return this.advance(watermark.time, watermark.isIdle);
    try {
      this.#logic.onWatermark(watermark, this);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** The input that it awaits is over. Throws ERR_ACT_OPERATOR_FAILED. */
  onInputOver(input: number): void {
    this.#inputOver = input;
    try {
      this.#logic.onInputOver?.(input, this);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** How far event time has come for those that take its results, taken out. */
  takeWatermark(place: "before results" | "behind results"): Watermark | undefined {
    const isBefore = place === "before results";
    const watermark = isBefore ? this.#watermarkBefore : this.#watermarkBehind;
    if (isBefore) this.#watermarkBefore = undefined;
    else this.#watermarkBehind = undefined;
    return watermark;
  }

  /** The input has ended: last results. Throws ERR_ACT_OPERATOR_FAILED. */
  onEnd(): void {
    this.#endFailed = true;
    try {
      this.#logic.onEnd?.(this);
    } catch (error) {
      throw this.#failure(error);
    }
    this.#endFailed = false;
  }

  /** A message for the operator; its answer. When it throws, what it emitted is taken back. */
  receive(message: unknown): unknown {
    this.#mark();
    try {
      return this.#logic.onMessage?.(message, this);
    } catch (error) {
      this.#takeBack();
      throw error;
    }
  }

  /** Gives up on the results that wait, because nobody takes them any more. */
  giveUpResults(error: unknown): void {
    for (const builder of this.#builders) {
      for (const value of builder.take().values) this.giveUp(value, error);
    }
  }

  /** The results that wait on an output, taken out; undefined when there are none. */
  takeResults(outputIndex: number): Batch | undefined {
    const builder = this.#builders[outputIndex];
    if (builder === undefined || builder.length === 0) return undefined;
    this.counters.out += builder.length;
    if (outputIndex === this.#lateOutput) this.counters.late += builder.length;
    return builder.take();
  }

  #tellProgress(): void {
    this.#progress[0] = (this.#progress[0] ?? 0) + 1;
  }

  #failure(error: unknown): OperatorFailedError {
    return new OperatorFailedError(this.spec, this.spec.decide(error), error);
  }

  /** What a logic has left behind when it was closed wakes and fails nobody; an event it reports is not lost from sight. */
  #whileItLives(context: PartContext, logic: OperatorLogic): OperatorContext {
    const lives = () => this.#living === logic;
    return {
      ...context,
      watermark: () => this.#watermark.time,
      wake: () => {
        if (!lives()) return;
        this.#woken = true;
        context.wake();
      },
      fail: (error, canResume) => {
        if (lives()) context.fail(error, canResume);
      },
      failEvent: (value, error, event) => {
        if (lives()) context.failEvent(value, error, event);
        else context.deadLetter(value, error, event);
      },
    };
  }

  #mark(): void {
    for (const builder of this.#builders) builder.mark();
  }

  /** S1: takes back what was emitted since the last mark. */
  #takeBack(): void {
    for (const builder of this.#builders) builder.takeBack();
  }

  #betweenEvents(): void {
    this.#batch = undefined;
    this.#time = undefined;
  }

  /** What is known of a value that an operator gives up by itself, if that is the event in hand. */
  #eventInHand(value: unknown): TakenEvent | undefined {
    const batch = this.#batch;
    if (batch === undefined || this.#position < 0 || batch.values[this.#position] !== value) return undefined;
    return takenEvent(batch, this.#position, 1);
  }
}

function takenEvent(batch: Batch, index: number, attempts: number): TakenEvent {
  return { key: batch.keys?.[index], time: batch.times?.[index], input: batch.input ?? 0, batchIndex: index, attempts };
}
