/**
 * What operators in a run do with one event, as functions that call each other: each operator calls its author's function, and then the next
 * operator. An event goes through all of them before the next one begins.
 *
 * They are copied for the functions that they call (own-copy.ts), and name nothing but their parameters. What they are given is written down only
 * where the author's function may ask for it, or has failed: so the compiler need not make an object that none but the next operator
 * looks at (docs/decisions/0070).
 */

import type { EventStep, StepContext, Timekeeper } from "../operator.ts";
import type { checkPlainResult } from "../operators/plain-function.ts";
import type { SourceOutput } from "../source.ts";
import type { Passing } from "./passer.ts";

/**
 * An operator, and those behind it: what becomes of an event. The result, if there is one, is put into `kept` at the place `count`.
 *
 * @param told what progress is told before the function is called; each operator tells one more
 * @returns how many results there are
 */
export type Step = (value: unknown, told: number, kept: unknown[], count: number) => number;

/** An operator, by its place, failed at an event, by its number. */
export interface StepFailure {
  readonly error: unknown;
  readonly index: number;
  readonly place: number;
}

/** What operators at work in one loop have in hand. What was told last says how far they are. */
export class RunInHand {
  from = 0;
  toldBefore = 0;
  /** How many results there are; set when the loop is done, also by a failure. */
  keptCount = 0;
  readonly #progress: Int32Array;
  readonly #stepCount: number;

  constructor(progress: Int32Array, stepCount: number) {
    this.#progress = progress;
    this.#stepCount = stepCount;
  }

  /** The event in hand has failed. */
  failed(error: unknown): StepFailure {
    return { error, index: this.index, place: this.place };
  }

  /** The number of the event in hand in its batch. */
  get index(): number {
    return this.from + Math.floor(this.#toldSince / this.#stepCount);
  }

  /** Which of the operators has it. */
  get place(): number {
    return this.#toldSince % this.#stepCount;
  }

  /** From 0; what is told may be behind the largest number of 32 bits, and goes on from the smallest. */
  get #toldSince(): number {
    return (this.#progress[0]! - this.toldBefore - 1) | 0;
  }
}

/** What becomes of events of a source while they are emitted. */
export interface RunPassing extends Passing {
  /** What is told before the next one. */
  told: number;
  kept: unknown[];
  /** Undefined where no operator gives them times. */
  keptTimes: number[] | undefined;
  keptCount: number;
  failure: StepFailure | undefined;
}

/** What one of the operators has in hand. */
export interface StepSlot {
  /** Undefined where nobody may ask. An object for each batch, because one that is old is slow to write to. */
  given: { value: unknown } | undefined;
  /** How many events it has let through to the next one; undefined where that need not be counted. */
  passed: number | undefined;
}

export type StepFunction = (value: unknown, context: StepContext) => unknown;

type MakeStep = (
  fn: StepFunction,
  context: StepContext,
  progress: Int32Array,
  slot: StepSlot,
  next: Step,
  check: typeof checkPlainResult,
  timekeeper: Timekeeper | undefined,
) => Step;

const mapStep: MakeStep = (fn, context, progress, slot, next, check) => (value, told, kept, count) => {
  if (slot.given !== undefined) slot.given.value = value;
  progress[0] = told;
  let result: unknown;
  try {
    result = fn(value, context);
    if (typeof result === "object" && result !== null && "then" in result) check("map", result);
  } catch (error) {
    slot.given = { value };
    throw error;
  }
  return next(result, told + 1, kept, count);
};

const filterStep: MakeStep = (fn, context, progress, slot, next, check) => (value, told, kept, count) => {
  if (slot.given !== undefined) slot.given.value = value;
  progress[0] = told;
  let answer: unknown;
  try {
    answer = fn(value, context);
    if (typeof answer === "object" && answer !== null) check("filter", answer);
  } catch (error) {
    slot.given = { value };
    throw error;
  }
  if (!answer) return 0;
  if (slot.passed !== undefined) slot.passed += 1;
  return next(value, told + 1, kept, count);
};

const tapStep: MakeStep = (fn, context, progress, slot, next, check) => (value, told, kept, count) => {
  if (slot.given !== undefined) slot.given.value = value;
  progress[0] = told;
  try {
    const answer = fn(value, context);
    if (typeof answer === "object" && answer !== null) check("tap", answer);
  } catch (error) {
    slot.given = { value };
    throw error;
  }
  return next(value, told + 1, kept, count);
};

/** The places of `times` are those that `Timekeeper` says, as numbers: a name of another module would not be there in a copy. */
const timeStep: MakeStep = (fn, _context, progress, slot, next, _check, timekeeper) => {
  const { times } = timekeeper!;
  const timeFunction = fn as (value: unknown) => unknown;
  return (value, told, kept, count) => {
    progress[0] = told;
    let time: number;
    try {
      const found = timeFunction(value);
      if (typeof found === "number" && found >= 0 && found <= times[2]!) time = found;
      else {
        slot.given = { value };
        time = timekeeper!.timeOf(value, found);
        slot.given = undefined;
        if (!(time >= 0)) return 0;
      }
    } catch (error) {
      slot.given = { value };
      throw error;
    }
    times[0] = time;
    if (!(time <= times[1]!)) times[1] = time;
    if (slot.passed !== undefined) slot.passed += 1;
    return next(value, told + 1, kept, count);
  };
};

export const stepMakers: Readonly<Record<Exclude<EventStep["kind"], "sort">, MakeStep>> = {
  map: mapStep,
  filter: filterStep,
  tap: tapStep,
  time: timeStep,
};

/** Behind the last operator. */
export const keep: Step = (value, _told, kept, count) => {
  kept[count] = value;
  return 1;
};

/** The same where events are given times, of which `times` has that of the event in hand. */
export const keepTimed =
  (passing: RunPassing, times: Float64Array): Step =>
  (value, _told, kept, count) => {
    kept[count] = value;
    passing.keptTimes![count] = times[0]!;
    return 1;
  };

/** In its place where what follows takes each result as it comes. */
export const passOn: MakePassOn = (emit, times) => (value) => {
  emit(value, times === undefined ? undefined : times[0]!);
  return 0;
};
type MakePassOn = (emit: SourceOutput<unknown>["emit"], times: Float64Array | undefined) => Step;

/** @param steps how many there are: each tells a progress of its own */
export function loopOver(
  first: Step,
  hand: RunInHand,
  values: readonly unknown[],
  times: readonly number[] | undefined,
  from: number,
  to: number,
  kept: unknown[],
  keptTimes: number[] | undefined,
  steps: number,
): void {
  let count = 0;
  let told = hand.toldBefore + 1;
  try {
    for (let index = from; index < to; index += 1) {
      if (first(values[index], told, kept, count) > 0) {
        if (keptTimes !== undefined) keptTimes[count] = times![index]!;
        count += 1;
      }
      told += steps;
    }
  } finally {
    hand.keptCount = count;
  }
}

/** Takes events of a source. What fails is not thrown at the source, which is in the middle of its work; nothing more is taken then. */
export function passTo(
  first: Step,
  passing: RunPassing,
  hand: RunInHand,
  steps: number,
): SourceOutput<unknown>["emit"] {
  return (value, time) => {
    if (passing.room === 0 || time !== undefined) return passing.overflow.emit(value, time);
    const { told } = passing;
    passing.room -= 1;
    passing.count += 1;
    passing.told = (told + steps) | 0;
    try {
      const more = first(value, told, passing.kept, passing.keptCount);
      passing.keptCount += more;
    } catch (error) {
      passing.failure = hand.failed(error);
      passing.room = 0;
    }
  };
}
