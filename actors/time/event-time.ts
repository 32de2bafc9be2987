/**
 * eventTime: gives the events of a stream their event time, and tells those behind it how far event time has come. Stands at
 * a source, or directly behind it, so that each instance sees the events in the order in which they were read.
 *
 * Not here: how watermarks of several splits become one (split-watermarks.ts).
 */

import {
  type CancelTimer,
  checkNames,
  type Duration,
  durationMs,
  MillraceError,
  mutated,
  OptionError,
  printValue,
} from "../../runtime/index.ts";
import { type Batch, type Key, partOf } from "../batch.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { checkKey } from "../groupings/key-hash.ts";
import { idleAfterMsDefault, maxAheadMsDefault, splitsMax } from "../limits.ts";
import type {
  EventStep,
  OperatorContext,
  OperatorLogic,
  OperatorSpec,
  Output,
  SlowSplit,
  StepContext,
  Timekeeper,
} from "../operator.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import type { StateForm } from "../state/state-form.ts";
import { checkTimes, findTimes, noneFound, numberOf, type Reached, timeFault } from "./found-times.ts";
import { SplitWatermarks } from "./split-watermarks.ts";
import { lastWatermark, type Watermark } from "./watermark.ts";

export interface EventTimeOptions<A> {
  /** The event time of an event: a `Date`, or ms since the epoch. Default: the time that its source has given it. */
  readonly time?: (event: A) => number | Date;
  /** How much older than the newest event before it an event may be without being late. Default 0: they come in order. */
  readonly outOfOrderness?: Duration;
  /**
   * Instead of `outOfOrderness`: what an event says itself about how far event time has come, in ms since the epoch: no event of
   * its split at or before that follows. Undefined when it says nothing.
   */
  readonly watermark?: (event: A, time: number) => number | undefined;
  /**
   * What the event was read from, where one source reads several things in turn that are each in order (partitions, devices).
   * The slowest of them sets the watermark.
   */
  readonly splitBy?: (event: A) => Key;
  /** A split, or the whole, without an event for so long holds no watermark up. Default `idleAfterMsDefault`; `false`: never. */
  readonly idleAfter?: Duration | false;
  /** An event further ahead of the wall clock is given up. Default `maxAheadMsDefault`; `false`: none is. */
  readonly maxAhead?: Duration | false;
  /**
   * Its source reads no further while it is further ahead, in event time, than this of the slowest other stream of the job with
   * event time, so that what waits for the slow one is bounded. Default: it reads on. Only for a stream directly behind its
   * source, with the same parallelism.
   */
  readonly maxDrift?: Duration;
}

/** An event whose time is none, is before 1970, or is too far ahead; or one of too many splits. */
export class EventTimeError extends MillraceError {
  readonly code = "ERR_ACT_EVENT_TIME";
}

/** An event without a time came to an operator that needs one: none of its stream has one, so that the job ends, whatever its policies say. */
export class NoEventTimeError extends EventTimeError {
  /** @param problem which event it was, why it needs a time, and what to do */
  constructor(operator: string, problem: string) {
    super(`operator ${JSON.stringify(operator)}: ${problem}`, { details: { operator } });
  }
}

/**
 * Events without a usable time are given up with ERR_ACT_EVENT_TIME: no number or date, not a number, before 1970, or so far
 * ahead that they would close every window.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function eventTime<A>(options: EventTimeOptions<A> = {}): OperatorSpec {
  const settings = checkOptions(options as EventTimeOptions<unknown>);
  const spec: OperatorSpec = { kind: "eventTime", outputs: ["main"], create: () => new EventTimeLogic(settings) };
  const { maxDrift } = options;
  return maxDrift === undefined ? spec : { ...spec, maxDriftMs: durationMs(maxDrift, "eventTime: maxDrift") };
}

interface Settings {
  readonly time: ((event: unknown) => unknown) | undefined;
  readonly outOfOrdernessMs: number;
  readonly watermark: ((event: unknown, time: number) => unknown) | undefined;
  readonly splitBy: ((event: unknown) => unknown) | undefined;
  readonly idleAfterMs: number;
  readonly maxAheadMs: number;
}

function checkOptions(options: EventTimeOptions<unknown>): Settings {
  checkNames("eventTime", options, {
    time: true,
    outOfOrderness: true,
    watermark: true,
    splitBy: true,
    idleAfter: true,
    maxAhead: true,
    maxDrift: true,
  });
  const { time, outOfOrderness = 0, watermark, splitBy, idleAfter, maxAhead } = options;
  if (time !== undefined) checkPlainFunction("eventTime: time", time);
  if (watermark !== undefined) {
    checkPlainFunction("eventTime: watermark", watermark);
    if (options.outOfOrderness !== undefined) {
      throw new OptionError(
        "eventTime: outOfOrderness",
        outOfOrderness,
        "nothing beside `watermark`, which says the same",
      );
    }
  }
  if (splitBy !== undefined) checkPlainFunction("eventTime: splitBy", splitBy);
  return {
    time,
    outOfOrdernessMs: durationMs(outOfOrderness, "eventTime: outOfOrderness"),
    watermark,
    splitBy,
    idleAfterMs: limitMs(idleAfter ?? idleAfterMsDefault, "eventTime: idleAfter"),
    maxAheadMs: limitMs(maxAhead ?? maxAheadMsDefault, "eventTime: maxAhead"),
  };
}

function limitMs(duration: Duration | false, path: string): number {
  if (duration === false) return Number.POSITIVE_INFINITY;
  const ms = durationMs(duration, path);
  if (ms === 0) throw new OptionError(path, duration, "a duration above 0, or false");
  return ms;
}

const form: StateForm = { kind: "eventTime", version: 1, owner: "any" };
const stateName = "event time";
/** Functions that say the time of an event are given nothing else. */
const noContext: StepContext = { enter: () => undefined };
/** The split of streams that have no others. */
const wholeSplit: Key = "";

class EventTimeLogic implements OperatorLogic {
  readonly #settings: Settings;
  #splits!: SplitWatermarks;
  #context!: OperatorContext;
  #cancelTimer: CancelTimer | undefined;
  #hasChanged = false;
  /** Whether its events are of one split, and tell how far event time has come by their times alone. */
  readonly #isPlain: boolean;
  readonly #loop: typeof findTimes;
  readonly #reached: Reached = { index: 0, newest: Number.NaN, found: noneFound };
  /** What it does with events that come one by one; absent where more than their times is asked of them. */
  readonly eachEvent: (() => EventStep) | undefined;
  /** Instances whose part was taken over, and is not stored under their numbers any more. */
  #takenOver: Key[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#isPlain = settings.splitBy === undefined && settings.watermark === undefined;
    this.#loop = ownCopy(findTimes, settings.time === undefined ? "" : textsOf([settings.time]));
    const { time } = settings;
    if (time === undefined || !this.#isPlain) return;
    const timekeeper = this.#timekeeper();
    this.eachEvent = () => ({ kind: "time", fn: time, context: noContext, timekeeper });
  }

  open(context: OperatorContext): void {
    this.#context = context;
    this.#splits = new SplitWatermarks(this.#settings.outOfOrdernessMs, context.readingMs());
    this.#setTimer();
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const nowMs = this.#context.readingMs();
    const latest = this.#latest;
    let next = from;
    while (next < to) {
      // Those behind have to know that events come again before they come, so the first of them comes by itself.
      if (!this.#isPlain || this.#splits.merged.isIdle) this.#take(batch, next++, nowMs, latest, output);
      else next = this.#takeAll(batch, next, to, nowMs, latest, output);
    }
    this.#settle(output);
    this.#setTimer();
  }

  onWake(output: Output): void {
    this.#splits.rest(this.#context.readingMs() - this.#settings.idleAfterMs);
    const { time, isIdle } = this.#splits.settle() ?? this.#splits.merged;
    output.advance(time, isIdle);
    this.#setTimer();
  }

  /** What was known of event time before counts no more, except that it is over. */
  onWatermark({ time, isIdle }: Watermark, output: Output): void {
    if (time === lastWatermark.time) output.advance(time, isIdle);
  }

  snapshot(): readonly StateEntry[] {
    if (!this.#hasChanged) return [];
    this.#hasChanged = false;
    const gone = this.#takenOver.map((instance): StateEntry => [stateName, instance, false, undefined, form]);
    this.#takenOver = [];
    return [...gone, [stateName, this.#context.instance, true, this.#splits.times(), form]];
  }

  restore(groups: Parameters<NonNullable<OperatorLogic["restore"]>>[0]): void {
    const nowMs = this.#context.readingMs();
    for (const { name, values } of groups) {
      if (name !== stateName) continue;
      for (const [instance, times] of values) {
        if (instance !== this.#context.instance) {
          if (mutated("regrouped.splits-forgotten")) continue;
          this.#takenOver.push(instance);
        }
        for (const [split, time] of times as [Key, number][]) this.#splits.restore(split, time, nowMs);
      }
    }
    if (this.#splits.size === 0) return;
    this.#hasChanged = this.#takenOver.length > 0;
    this.#context.wake();
  }

  slowestSplit(): SlowSplit | undefined {
    return this.#splits.slowest(this.#context.readingMs());
  }

  close(): void {
    this.#cancelTimer?.();
  }

  #timekeeper(): Timekeeper {
    const times = new Float64Array(3);
    return {
      times,
      begin: () => {
        // Those behind have to know that events come again before they come.
        if (this.#splits.merged.isIdle) return false;
        times[1] = Number.NEGATIVE_INFINITY;
        times[2] = this.#latest;
        return true;
      },
      timeOf: (event, found) => {
        // The clock may have gone on since events began to come.
        if (!(numberOf(found, this.#reached) <= times[2]!)) times[2] = this.#latest;
        return this.#timeOf(event, found, times[2]!) ?? Number.NaN;
      },
      end: (output) => {
        if (times[1] !== Number.NEGATIVE_INFINITY) {
          this.#splits.see(wholeSplit, times[1]!, this.#context.readingMs());
          this.#hasChanged = true;
        }
        this.#settle(output);
        this.#setTimer();
      },
    };
  }

  /** The latest time that an event may have by now. */
  get #latest(): number {
    return this.#context.clock.wallMs() + this.#settings.maxAheadMs;
  }

  /** Takes one event. */
  #take(batch: Batch, index: number, nowMs: number, latest: number, output: Output): void {
    output.begin(index);
    const event = batch.values[index];
    const { time: select } = this.#settings;
    const found = select === undefined ? batch.times?.[index] : select(event);
    const time = this.#timeOf(event, found, latest);
    const split = time === undefined ? undefined : this.#splitOf(event);
    if (time === undefined || split === undefined) return;
    const wasIdle = this.#splits.merged.isIdle;
    this.#splits.see(split, this.#progressOf(event, time), nowMs);
    if (wasIdle) this.#settle(output);
    output.emit(event, time);
    this.#hasChanged = true;
  }

  /**
   * Takes the events `from` to `to` of a stream that has one split, and hands them on at once, as they are. Returns the index behind the last
   * one taken: one without a usable time is given up, and those behind it are taken next.
   */
  #takeAll(batch: Batch, from: number, to: number, nowMs: number, latest: number, output: Output): number {
    const { values } = batch;
    const times = new Array<number>(to - from);
    const reached = this.#reached;
    const { time: select } = this.#settings;
    reached.found = noneFound;
    try {
      if (select === undefined) checkTimes(batch.times, from, to, latest, output, times, reached);
      else this.#loop(select, values, from, to, latest, output, times, reached, numberOf, noneFound);
    } finally {
      const { index, newest } = reached;
      if (index > from) {
        times.length = index - from;
        this.#splits.see(wholeSplit, newest, nowMs);
        this.#hasChanged = true;
        output.emitAll(partOf(values, from, index), times);
      }
    }
    const { index, found } = reached;
    if (index === to) return to;
    reached.found = noneFound;
    this.#timeOf(values[index], found, latest);
    return index + 1;
  }

  /** The time that was found for an event; undefined when it is given up for having no usable one. */
  #timeOf(event: unknown, found: unknown, latest: number): number | undefined {
    const time = numberOf(found, this.#reached);
    if (time >= 0 && time <= latest) return time;
    this.#giveUp(event, timeFault(found, time, latest));
    return undefined;
  }

  /** The event time behind which none of its split follows, but for `outOfOrderness`. */
  #progressOf(event: unknown, time: number): number {
    const { watermark } = this.#settings;
    if (watermark === undefined) return time;
    const told = watermark(event, time);
    if (told === undefined) return Number.NEGATIVE_INFINITY;
    if (typeof told === "number" && Number.isFinite(told)) return told + 1;
    throw new EventTimeError(
      `operator ${JSON.stringify(this.#context.operator)}: watermark returned ${printValue(told)}; ms since the epoch or undefined is expected`,
      { details: { operator: this.#context.operator } },
    );
  }

  #splitOf(event: unknown): Key | undefined {
    const { splitBy } = this.#settings;
    if (splitBy === undefined) return wholeSplit;
    const split = splitBy(event);
    checkKey("eventTime: splitBy", split);
    if (this.#splits.has(split) || this.#splits.size < splitsMax) return split;
    this.#giveUp(event, `is of split ${printValue(split)}, one more than the ${splitsMax} that are told apart`);
    return undefined;
  }

  #giveUp(event: unknown, why: string): void {
    const { operator } = this.#context;
    const error = new EventTimeError(`operator ${JSON.stringify(operator)}: an event ${why}`, {
      details: { operator },
    });
    this.#context.deadLetter(event, error);
  }

  #settle(output: Output): void {
    const watermark = this.#splits.settle();
    if (watermark !== undefined) output.advance(watermark.time, watermark.isIdle);
  }

  /** Wakes the operator when the next split may have fallen idle. */
  #setTimer(): void {
    const { quietSinceMs } = this.#splits;
    if (this.#cancelTimer !== undefined || quietSinceMs === undefined) return;
    const { idleAfterMs } = this.#settings;
    if (idleAfterMs === Number.POSITIVE_INFINITY) return;
    // The clock of reading may stand still: not more often than that is it looked at.
    const leftMs = Math.max(quietSinceMs + idleAfterMs - this.#context.readingMs(), idleAfterMs / 16);
    this.#cancelTimer = this.#context.clock.after(leftMs, () => {
      this.#cancelTimer = undefined;
      this.#context.wake();
    });
  }
}
