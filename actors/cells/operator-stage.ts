/**
 * OperatorStage: one operator of a chain at work: its logic, its counters, and what becomes of an event it fails at.
 *
 * Not here: the results that it has not handed on (stage-output.ts).
 *
 * Invariants
 *  S2  in = handled by the logic + dead letters + what is still in hand.
 *  S3  event time does not overtake the rest of a batch: what comes before it would be late behind it.
 *  S4  between two pieces of what it tells an operator is neither given anything nor woken.
 */

import { assert, faultPoint, pathMark, tellNoParts, tellParts } from "../../runtime/index.ts";
import { type Batch, eventCount } from "../batch.ts";
import { verdictOnEvent } from "../epochs/failed-events.ts";
import { mergedState } from "../epochs/merged-state.ts";
import { encodeSnapshot } from "../epochs/state-delta.ts";
import { lateOutputName, type OperatorContext, type OperatorLogic, type PartContext } from "../operator.ts";
import type { Pieces } from "../pieces.ts";
import { assertOwned } from "../state/owned-entries.ts";
import { firstWatermark, type Watermark } from "../time/watermark.ts";
import { noCounters, type OperatorCounters } from "./operator-counters.ts";
import { failureOf, OperatorFailedError } from "./operator-failed-error.ts";
import { type EventInHand, StageOutput, takenEvent } from "./stage-output.ts";
import type { StageSpec, WriteLetter } from "./stage-spec.ts";

export class OperatorStage {
  readonly spec: StageSpec;
  readonly counters: OperatorCounters = { ...noCounters };
  /** Stands for it in memory that other threads read. */
  readonly mark: number;
  readonly #marks: Int32Array;
  readonly #writeLetter: WriteLetter;
  readonly #output: StageOutput;
  readonly #lateOutput: number;
  #logic: OperatorLogic;
  /** The logic, while it is open: one that was closed has no say any more. */
  #living: OperatorLogic | undefined;
  #woken = false;
  #isEnding = false;
  /** How far event time has come on the input of this operator. */
  #watermark = firstWatermark;
  /** The input that it awaits, once that is over. */
  #inputOver: number | undefined;
  /** The rest of a batch that the operator did not take. */
  #rest: { readonly batch: Batch; readonly from: number; readonly to: number } | undefined;
  /** How far event time has come behind that. */
  #watermarkBehind: Watermark | undefined;
  /** What it has still to tell. */
  #pieces: Pieces | undefined;

  constructor(spec: StageSpec, progress: Int32Array, writeLetter: WriteLetter) {
    this.spec = spec;
    this.mark = pathMark(spec.address.path);
    this.#marks = Int32Array.of(this.mark);
    this.#writeLetter = writeLetter;
    this.#output = new StageOutput(spec.spec.outputs.length, progress);
    this.#lateOutput = spec.spec.outputs.indexOf(lateOutputName);
    this.#logic = spec.spec.create();
  }

  /** How far event time has come on its input. */
  get watermark(): Watermark {
    return this.#watermark;
  }

  /** How far event time has come for those that take its results. */
  get told(): Watermark {
    return this.#output.told;
  }

  get logic(): OperatorLogic {
    return this.#logic;
  }

  /** Where the logic puts its results. */
  get output(): StageOutput {
    return this.#output;
  }

  /** True when it can take input now. */
  get ready(): boolean {
    return this.#rest === undefined && this.#pieces === undefined && (this.#logic.ready?.() ?? true);
  }

  /** True while it has the rest of a batch in hand. */
  get hasRest(): boolean {
    return this.#rest !== undefined;
  }

  /** True while there are pieces left of what it tells. */
  get isTelling(): boolean {
    return this.#pieces !== undefined;
  }

  /** True when nothing is in flight or in hand. */
  get quiet(): boolean {
    return this.#rest === undefined && this.#pieces === undefined && (this.#logic.quiet?.() ?? true);
  }

  /** In hand, with the operator, or emitted by it and not handed on. */
  get heldEvents(): number {
    const inHand = this.#rest === undefined ? 0 : eventCount(this.#rest.batch, this.#rest.from, this.#rest.to);
    return inHand + (this.#logic.heldEvents?.() ?? 0) + this.#output.heldEvents;
  }

  /** True when the operator has begun with its last results, and did not come to their end. */
  get isEnding(): boolean {
    return this.#isEnding;
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
    this.#pieces = undefined;
    await this.open(context);
    if (this.#inputOver !== undefined) this.#doFirst(this.#logic.onInputOver?.(this.#inputOver, this.#output));
  }

  /**
   * Takes the events `from` to `to` of a batch. Throws ERR_ACT_OPERATOR_FAILED when the directive for an error is not to
   * resume; the events behind the failed one stay in hand then.
   */
  take(batch: Batch, from: number, to: number): void {
    assert(this.#rest === undefined, "K1: while a stage holds something back it takes no input");
    assert(this.#pieces === undefined, "S4: nothing is taken between two pieces");
    const output = this.#output;
    let next = from;
    // Behind a failed event the operator is asked again even if it was the last: it may owe results of those before.
    while (from < to) {
      output.start(batch, next);
      tellParts(output.progress, this.#marks, this.counters.in);
      try {
        const taken = this.#logic.onBatch(batch, next, to, output) ?? to;
        this.counters.in += eventCount(batch, next, taken);
        next = taken;
        if (next < to) this.#rest = { batch, from: next, to };
        return;
      } catch (error) {
        if (output.position >= 0) output.takeBack();
        const failed = Math.max(output.position, next);
        if (failed >= to) throw this.#failure(error);
        this.counters.in += eventCount(batch, next, failed + 1);
        next = failed + 1;
        const inHand = { value: batch.values[failed], time: batch.times?.[failed] };
        this.failAt(batch, failed, inHand, error, () => this.hold(batch, next, to));
      } finally {
        tellNoParts(output.progress);
        output.leave();
      }
    }
  }

  /** The rest of a batch, if there is one, waits until the operator goes on. */
  hold(batch: Batch, from: number, to: number): void {
    if (from < to) this.#rest = { batch, from, to };
  }

  /**
   * The operator has failed at an event that is counted by now: gives the event up, if it goes on. Throws ERR_ACT_OPERATOR_FAILED when the
   * directive is not to resume.
   *
   * @param holdRest keeps what is behind the event, where no replay brings that again
   */
  failAt(batch: Batch, failed: number, inHand: EventInHand, error: unknown, holdRest: () => void): void {
    const { value, time } = inHand;
    if (batch.counts !== undefined && batch.counts[failed]! > 0) {
      if (this.#goesOnWithout(value, error)) return;
      if (this.spec.replay === undefined) holdRest();
      throw this.#failure(error);
    }
    const verdict = verdictOnEvent(value, this.spec.decide(error), this.spec.replay);
    if (verdict.kind === "give-up") {
      this.giveUp(value, error, takenEvent(batch, failed, time, verdict.attempts));
      if (verdict.next === "resume") return;
    }
    if (verdict.kind !== "again") holdRest();
    throw failureOf(this.spec, verdict, error);
  }

  /**
   * An accumulator failed. Its events are not there to be tried or given up one by one: where they do not come again, they are given up as
   * one. True when the operator is to go on; what it starts over for counts as any other restart.
   */
  #goesOnWithout(accumulator: unknown, error: unknown): boolean {
    const directive = this.spec.decide(error);
    if (directive === "resume" || (directive === "restart" && this.spec.replay === undefined)) {
      this.counters.deadLetters += 1;
      this.#writeLetter(accumulator, error, undefined);
    }
    return directive === "resume";
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
  giveUp(value: unknown, error: unknown, event = this.#output.eventInHand(value)): void {
    this.counters.deadLetters += 1;
    this.#writeLetter(value, error, event);
  }

  /** Goes on with the rest of a batch, if the operator takes input again. False when it still does not. */
  takeRest(): boolean {
    const rest = this.#rest;
    if (rest !== undefined) {
      if (!(this.#logic.ready?.() ?? true)) return false;
      this.#rest = undefined;
      this.take(rest.batch, rest.from, rest.to);
      if (this.#rest !== undefined) return false;
    }
    const watermark = this.#watermarkBehind;
    this.#watermarkBehind = undefined;
    if (watermark !== undefined) this.onWatermark(watermark);
    return true;
  }

  /** What changed in the operator's state since the snapshot before, in so many bytes at most; undefined when nothing did. */
  snapshot(epoch: number, bytesMax?: number): Uint8Array | undefined {
    try {
      faultPoint("operator.snapshot.behind-barrier");
      const changes = this.#logic.snapshot?.(epoch) ?? [];
      return changes.length === 0 ? undefined : encodeSnapshot(this.spec.name, changes, bytesMax);
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
    this.#output.tellProgress();
    assertOwned(state, instance, parallelism);
    this.#output.tellProgress();
    this.#logic.restore?.(state, epoch);
    this.#output.tellProgress();
  }

  /** Lets the operator hand out results, if it asked for it. Throws ERR_ACT_OPERATOR_FAILED. */
  onWake(): void {
    if (!this.#woken) return;
    this.#woken = false;
    this.#tell(() => this.#logic.onWake?.(this.#output));
  }

  /** Event time has come so far; S3. Throws ERR_ACT_OPERATOR_FAILED. */
  onWatermark(watermark: Watermark): void {
    if (this.#rest !== undefined) {
      this.#watermarkBehind = watermark;
      return;
    }
    this.#watermark = { time: Math.max(this.#watermark.time, watermark.time), isIdle: watermark.isIdle };
    if (this.#logic.onWatermark === undefined) return this.#output.advance(watermark.time, watermark.isIdle);
    this.#tell(() => this.#logic.onWatermark?.(watermark, this.#output));
  }

  /** The input that it awaits is over. Throws ERR_ACT_OPERATOR_FAILED. */
  onInputOver(input: number): void {
    this.#inputOver = input;
    this.#tell(() => this.#logic.onInputOver?.(input, this.#output));
  }

  /** How far event time has come for those that take its results, taken out. */
  takeWatermark(place: "before results" | "behind results"): Watermark | undefined {
    return this.#output.takeWatermark(place);
  }

  /** The input has ended: last results. Throws ERR_ACT_OPERATOR_FAILED. */
  onEnd(): void {
    this.#isEnding = true;
    this.#tell(() => this.#logic.onEnd?.(this.#output));
    this.#isEnding = this.isTelling;
  }

  /** Tells one more piece. Throws ERR_ACT_OPERATOR_FAILED, and those behind it are not told. */
  tellOn(): void {
    const pieces = this.#pieces;
    if (pieces === undefined) return;
    this.#pieces = undefined;
    this.#tell(() => pieces);
    if (!this.isTelling) this.#isEnding = false;
  }

  /** A message for the operator; its answer. When it throws, what it emitted is taken back. */
  receive(message: unknown): unknown {
    this.#output.mark();
    try {
      return this.#atWork(() => this.#logic.onMessage?.(message, this.#output));
    } catch (error) {
      this.#output.takeBack();
      throw error;
    }
  }

  /** Gives up on the results that wait, because nobody takes them any more. */
  giveUpResults(error: unknown): void {
    for (const value of this.#output.takeValues()) this.giveUp(value, error);
  }

  /** The results that wait on an output, taken out; undefined when there are none. */
  takeResults(outputIndex: number): Batch | undefined {
    this.counters.out += this.#output.takeUntakenCount();
    const results = this.#output.take(outputIndex);
    if (results === undefined) return undefined;
    this.counters.out += results.values.length;
    if (outputIndex === this.#lateOutput) this.counters.late += results.values.length;
    const { isEarly } = this.spec.spec;
    if (outputIndex === 0 && isEarly !== undefined) {
      for (const result of results.values) if (isEarly(result)) this.counters.early += 1;
    }
    return results;
  }

  #tell(call: () => Pieces | undefined | void): void {
    try {
      this.#atWork(() => this.#doFirst(call()));
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** At work on no event that it has in hand. */
  #atWork<T>(call: () => T): T {
    tellParts(this.#output.progress, this.#marks, -1);
    try {
      return call();
    } finally {
      tellNoParts(this.#output.progress);
    }
  }

  /** Does the first of these pieces; the others are there to be done. */
  #doFirst(pieces: Pieces | undefined | void): void {
    if (pieces === undefined) return;
    assert(this.#pieces === undefined, "S4: nothing is begun between two pieces");
    const isOver = pieces.next().done === true;
    this.#output.tellProgress();
    if (!isOver) this.#pieces = pieces;
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
}
