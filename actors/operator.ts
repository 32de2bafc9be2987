/**
 * The seam between a stream cell and the operators it runs. One `OperatorLogic` is one incarnation of one instance.
 *
 * No method awaits. Results of asynchronous work are kept by the logic, which calls `context.wake()` and hands them out
 * in `onWake`. An operator that throws is asked again, by the directive of its supervisor, from the next event on.
 *
 * Where a method returns `Pieces`, the first is done at once, and the operator is not asked for anything else before the last, but to
 * answer messages and queries: no event, no watermark and no barrier comes between two of them.
 */

import type { Address, Clock, Logger, Random, Services } from "../runtime/index.ts";
import type { Batch, Key } from "./batch.ts";
import type { StateGroup } from "./epochs/merged-state.ts";
import type { StateChange, StateEntry } from "./epochs/state-delta.ts";
import type { PreAggregation } from "./groupings/pre-aggregation.ts";
import type { Pieces } from "./pieces.ts";
import type { StateSize } from "./state/state-size.ts";
import type { Watermark } from "./time/watermark.ts";

export interface OperatorLogic {
  open?(context: OperatorContext): void | Promise<void>;
  /**
   * Handles the events `from` (included) to `to` (excluded) of the batch, calling `output.begin(i)` before each. Returns
   * the index of the first event not taken; nothing when all were. Only an operator with `ready` may take fewer.
   *
   * When it throws at event `i` and the supervisor says resume, it is called again from `i + 1`, also when that is `to`:
   * an operator with results per batch still owes those of the events before.
   */
  onBatch(batch: Batch, from: number, to: number, output: Output): number | undefined | void;
  /**
   * What it does with each event, where that is all that it does: it may be done with that of its neighbours in one loop then, in
   * the place of `onBatch`. Called when it is open.
   */
  eachEvent?: (() => EventStep | undefined) | undefined;
  /** False while no input can be taken (work in flight at its bound, throttled). Such an operator heads its chain. */
  ready?(): boolean;
  /** Events that it has taken and not done with, such as calls in flight: lost if its thread dies, and counted then. Default 0. */
  heldEvents?(): number;
  /** Hands out results after `context.wake()`. */
  onWake?(output: Output): Pieces | undefined | void;
  /** False while work is in flight; the end of the stream waits for it. */
  quiet?(): boolean;
  /**
   * Event time has come so far on its input, or there are no events for now; Infinity comes before the end. Who has this
   * method passes the watermark on by `output.advance`, behind the results that are due before it; for others it passes by itself.
   */
  onWatermark?(watermark: Watermark, output: Output): Pieces | undefined | void;
  /** No event follows on the input that its spec says it awaits. Called again for a new incarnation. */
  onInputOver?(input: number, output: Output): Pieces | undefined | void;
  /** The input has ended and nothing is in flight: last results. */
  onEnd?(output: Output): Pieces | undefined | void;
  /**
   * A tell or an ask from outside the stream, between batches. What it returns (or resolves to) answers the ask. Results
   * are put out before it returns.
   */
  onMessage?(message: unknown, output: Output): unknown;
  /** A barrier was reached, and it is quiet: last work that its snapshot needs. The snapshot waits until it is quiet again. */
  onBarrier?(): void;
  /** What changed in its state since the call before: called when it is quiet, at a barrier. */
  snapshot?(epoch: number): readonly StateChange[];
  /** All that it keeps now, of one key or of every key, in the form of a snapshot; for those who ask from outside. */
  readState?(key: Key | undefined): Iterable<StateEntry>;
  /** How much it keeps, for reports. */
  stateSize?(): StateSize;
  /**
   * Its state as of the checkpoint of `epoch`, 0 before the first: called after `open`, before the first event. What it did
   * for later epochs is taken back, what it prepared up to this one is made visible. Not called under at-most-once.
   */
  restore?(state: readonly StateGroup[], epoch: number): void;
  /** The checkpoint of `epoch` is complete: what was taken before its barrier can be made visible. */
  onComplete?(epoch: number): void;
  /** Rows for a table of the job's storage, encoded: taken behind `snapshot`, and written in the transaction of its checkpoint. */
  takeRows?(): Uint8Array | undefined;
  /** Whether something of a snapshot waits to be made visible; a run does not end before. */
  hasUncommitted?(): boolean;
  /** Of who says how far event time has come: which of the splits it reads holds that up; undefined when none does. */
  slowestSplit?(): SlowSplit | undefined;
  /**
   * Every cell of the job has started, so that there will be events; called once, after `open` and `restore`, and again only for a
   * new incarnation on another thread. What an earlier run has left is not to be touched before.
   */
  onBegin?(): void;
  /** What it has been waiting for long, with the reason, for reports; undefined when nothing holds it up. */
  waitsFor?(): string | undefined;
  /** It is about to be replaced, and events in flight will not come again: gives them up as dead letters. */
  abandon?(): void;
  close?(): void | Promise<void>;
}

/** What an operator does that only calls a function of its author's for each event. */
export interface EventStep {
  /**
   * What becomes of the answer: it goes on in the place of the event, says whether the event goes on, is not used, is the time of the event,
   * or the number of the output that the event goes to, -1 for none.
   */
  readonly kind: "map" | "filter" | "tap" | "time" | "sort";
  /** Is given the event, and the context; for a time, the event alone. */
  readonly fn: (value: unknown, context: never) => unknown;
  readonly context: StepContext;
  /** Is told how many events it was given, behind those of a batch, or behind the one it has failed at. */
  readonly onTaken?: (eventCount: number) => void;
  /** Who the times are for; of the kind `time` alone. */
  readonly timekeeper?: Timekeeper;
  /** Where events go that have times; of the kind `sort` alone. */
  readonly sorter?: Sorter;
}

/** What an operator does about the times of events that come one by one. */
export interface Timekeeper {
  /** Of the event in hand; the newest since `begin`; and the latest that an event may have. An array of numbers, so that none becomes an object. */
  readonly times: Float64Array;
  /** Events come one by one from now on; false where the next one has to come in a batch. */
  begin(): boolean;
  /** The time that was found for an event, where that is no number, or none that an event may have; NaN when the event is given up for it. */
  timeOf(value: unknown, found: unknown): number;
  /** No more come now: tells how far event time has come. */
  end(output: Output): void;
}

/** What an operator with several outputs does with events that come one by one, with times. */
export interface Sorter {
  /** By the numbers of outputs. */
  readonly taken: readonly TakenEvents[];
  /** No output takes the event. */
  readonly unmatched: (value: unknown) => void;
}

/** The events that go to one output, as they come. */
export interface TakenEvents {
  /** They come from now on. */
  begin(timed: boolean, output: Output, outputIndex: number): void;
  add(value: unknown, time: number): void;
  /** No more come now. */
  handOn(output: Output, outputIndex: number): void;
}

/** What the function is told about the event in hand. */
export interface StepContext {
  /** The events of `batch` follow; `place` says at any time which of them is in hand. */
  enter(batch: Batch, place: EventPlace): void;
}

export interface EventPlace {
  /** In its batch. */
  readonly index: number;
  readonly time: number | undefined;
}

/** Where an operator puts its results. */
export interface Output {
  /**
   * Marks the start of the work on event `index` of the batch in hand: results take its event time; if the operator
   * throws before the next mark, it is this event that failed and its results are taken back.
   */
  begin(index: number): void;
  /** A result on the first output, with the event time of the event in hand, or `time`. */
  emit(value: unknown, time?: number): void;
  /** A result on output `outputIndex`, as numbered by the operator's `outputs`. */
  emitTo(outputIndex: number, value: unknown, time?: number): void;
  /**
   * The results of the batch in hand will come by `emitAll`, `timed` or not. Called before its first event begins. Throws
   * ERR_ACT_MIXED_TIMES where they could not be added to those before.
   */
  expectAll(timed: boolean): void;
  /**
   * Results on an output, by default the first, all at once, of the events that the operator is done with: they stay if the event in hand
   * fails. The arrays are not changed afterwards.
   */
  emitAll(values: readonly unknown[], times: readonly number[] | undefined, outputIndex?: number): void;
  /** Whether anybody takes what is put out on an output. What nobody takes need not be put out, if it is counted. */
  isTaken(outputIndex: number): boolean;
  /** There would have been so many results on outputs that nobody takes, of the events that the operator is done with. */
  countUntaken(resultCount: number): void;
  /**
   * No result with an event time at or before `time` follows; while `isIdle` none follows at all for now. Takes its place behind
   * the results that have been put out.
   */
  advance(time: number, isIdle: boolean): void;
}

/** What an operator knows about where it runs. */
export interface OperatorContext extends PartContext {
  /** How far event time has come on its input, in ms since the epoch; -Infinity before the first watermark. */
  watermark(): number;
}

/** What an operator or a source knows about where it runs. */
export interface PartContext {
  /** The job's name. */
  readonly job: string;
  /** The operator's name, as the author chose it. */
  readonly operator: string;
  /** This copy's number, from 0 to `parallelism - 1`. */
  readonly instance: number;
  readonly parallelism: number;
  readonly address: Address;
  /** Raised at every restart, from 0. */
  readonly incarnation: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** What the job registered with `job.provide(token, factory)`. */
  readonly services: Services;
  /** A monotonic clock, in ms, that stands still while it could not be given events: for lack of credit, say. */
  readingMs(): number;
  /** Asks for a call of `onWake` (or `poll`) in a turn to come. */
  wake(): void;
  /**
   * Gives up on an event, with the reason: a dead letter, counted for this operator.
   *
   * @param event of an event that was taken earlier, so that it can be resubmitted; not needed for the one in hand
   */
  deadLetter(value: unknown, error: unknown, event?: EarlierEvent): void;
  /**
   * Reports a failure outside a call (a rejected promise): the supervisor decides.
   *
   * @param canResume default true; without, resume becomes restart
   */
  fail(error: unknown, canResume?: boolean): void;
  /**
   * Reports that an event taken earlier failed outside a call: the supervisor decides as if `onBatch` had thrown at it. On
   * resume `value` becomes a dead letter; the operator has forgotten the event and goes on.
   */
  failEvent(value: unknown, error: unknown, event: EarlierEvent): void;
}

/** A split that an operator reads, behind which event time does not go. */
export interface SlowSplit {
  /** "" where its input has no splits. */
  readonly split: Key;
  /** Its largest event time, in ms since the epoch. */
  readonly time: number;
  /** For how long it has had no event, in ms. */
  readonly quietMs: number;
}

/** What an operator keeps of an event that it took earlier, besides its value. */
export interface EarlierEvent {
  readonly key: Key | undefined;
  readonly time: number | undefined;
  /** Which of its inputs it came in on. Default 0. */
  readonly input?: number;
  /** How often the operator has tried it by itself. */
  readonly attempts: number;
}

/** What comes out here came too late for the operator, in event time; it is counted, whether or not it is consumed. */
export const lateOutputName = "late";

/** How an operator is made; what the job graph holds of it. */
export interface OperatorSpec {
  /** What it does, for plans and errors: `map`, `filter`, `count`. */
  readonly kind: string;
  /** Names of its outputs; the first is the main one. A sink has none. */
  readonly outputs: readonly string[];
  /** True when it cannot be chained behind another operator because it may refuse input (`ready`). */
  readonly heads?: boolean;
  /** How far ahead, in ms of event time, its stream may be of the slowest one of its job. */
  readonly maxDriftMs?: number;
  /**
   * The input that has to be over before the others are worked on: events of those are taken only as far as epochs need it, event
   * time stands still, and `onInputOver` tells when it is.
   */
  readonly awaitsInput?: number;
  /** Whether a result on the first output is provisional; such are counted. Absent where none is. */
  readonly isEarly?: (result: unknown) => boolean;
  /** True when what it emits depends on where one batch ends and the next begins. Default false. */
  readonly perBatch?: boolean;
  /** How its events can be put together before they are sent to it; absent where each has to be. It takes accumulators then, too. */
  readonly preAggregation?: PreAggregation;
  /** True when it looks at keys and times of its events alone, so that their values need not be sent to it. Default false. */
  readonly takesNoValues?: boolean;
  /**
   * Where it is sure that each of its results is a plain object with certain keys, in this order, and with no others: those. `eventKeys` is
   * the same of its events.
   */
  readonly resultKeys?: (eventKeys: readonly string[] | undefined) => readonly string[] | undefined;
  /** Whether messages may come to it that its state or its results depend on; they do not come again. Default false. */
  readonly takesMessages?: boolean;
  /** Its state, where that is known before it runs; a `process` declares what it keeps when it does. */
  readonly state?: StateFacts;
  create(): OperatorLogic;
}

/** What is known of a state before the operator runs. */
export interface StateFacts {
  readonly name: string;
  readonly kind: string;
  readonly version: number;
  /** The versions that it has a migration from, each to the next. */
  readonly migratesFrom: readonly number[];
}
