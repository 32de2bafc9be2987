/**
 * StageRun: operators in a row that only call a function for each event, and hand on to nobody but the next one, at work in one loop: an
 * event goes through all of them before the next one begins, and no batches are made between them. What becomes of an event that fails, what is
 * counted and what contexts say is what it is for each operator by itself (docs/decisions/0065).
 *
 * The functions that are copied name nothing but their parameters (own-copy.ts).
 */

import { assert } from "../../runtime/index.ts";
import { type Batch, partOf } from "../batch.ts";
import type { EventStep, StepContext } from "../operator.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import { checkPlainResult } from "../operators/plain-function.ts";
import type { OperatorStage } from "./operator-stage.ts";
import type { EventOfRun } from "./stage-output.ts";

/**
 * The runs of a chain, by their first operators.
 *
 * @param ends of each operator whether its results go anywhere else than to the next one
 */
export function stageRuns(stages: readonly OperatorStage[], ends: readonly boolean[]): (StageRun | undefined)[] {
  const runs: (StageRun | undefined)[] = stages.map(() => undefined);
  for (let first = 0, last = 0; first < stages.length; first = last + 1) {
    last = first;
    if (!canRun(stages[first]!)) continue;
    while (!ends[last] && stages[last + 1] !== undefined && canRun(stages[last + 1]!)) last += 1;
    runs[first] = new StageRun(stages.slice(first, last + 1), last);
  }
  return runs;
}

function canRun({ logic, spec }: OperatorStage): boolean {
  return logic.eachEvent !== undefined && spec.spec.outputs.length === 1 && spec.spec.isEarly === undefined;
}

/**
 * An operator, and those behind it: what becomes of an event. The result, if there is one, is put into `kept` at the place `count`.
 *
 * @param told what progress is told before the function is called; each operator tells one more
 * @returns how many results there are
 */
type Step = (value: unknown, told: number, kept: unknown[], count: number) => number;

/** What operators at work in one loop have in hand. What was told last says how far they are. */
class RunInHand {
  batch = noBatch;
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

/** What one of the operators has in hand. */
class Slot implements EventOfRun {
  readonly #hand: RunInHand;
  /** Of an operator behind the first one. An object for each batch, because one that is old is slow to write to. */
  given: { value: unknown } | undefined;
  /** How many events it has let through to the next one; undefined where that need not be counted. */
  passed: number | undefined;

  constructor(hand: RunInHand) {
    this.#hand = hand;
  }

  get index(): number {
    return this.#hand.index;
  }

  get value(): unknown {
    return this.given === undefined ? this.#hand.batch.values[this.index] : this.given.value;
  }
}

const noBatch: Batch = { values: [], times: undefined, keys: undefined };

export class StageRun {
  /** The number of its last operator in the chain. */
  readonly last: number;
  readonly #stages: readonly OperatorStage[];
  readonly #progress: Int32Array;
  readonly #hand: RunInHand;
  readonly #slots: readonly Slot[];
  /** Undefined where one of them has to be asked for whole batches. */
  #steps: readonly EventStep[] | undefined;
  /** Of which `#steps` are: an operator that has started over is another one. */
  #logics: readonly unknown[] = [];
  #first!: Step;
  #loop = loopOver;

  constructor(stages: readonly OperatorStage[], last: number) {
    this.last = last;
    this.#stages = stages;
    this.#progress = stages[0]!.output.progress;
    this.#hand = new RunInHand(this.#progress, stages.length);
    this.#slots = stages.map(() => new Slot(this.#hand));
  }

  /**
   * Takes the events `from` to `to` of a batch; false, with nothing done, when the operators have to take them one by one. Throws
   * ERR_ACT_OPERATOR_FAILED; what is behind the event is with the first operator then.
   */
  take(batch: Batch, from: number, to: number): boolean {
    if (batch.counts !== undefined || !this.#isPrepared() || !this.#expects(batch)) return false;
    for (let next = from; next < to; ) next = this.#takeToFailure(batch, next, to);
    return true;
  }

  #isPrepared(): boolean {
    const stages = this.#stages;
    if (stages.every(({ logic }, place) => logic === this.#logics[place])) return this.#steps !== undefined;
    this.#logics = stages.map(({ logic }) => logic);
    const steps = stages.flatMap(({ logic }) => logic.eachEvent?.() ?? []);
    this.#steps = steps.length === stages.length ? steps : undefined;
    if (this.#steps !== undefined) this.#compose(this.#steps);
    return this.#steps !== undefined;
  }

  #compose(steps: readonly EventStep[]): void {
    const texts = steps.map(({ kind }) => kind).join() + textsOf(steps.map(({ fn }) => fn));
    let next = keep;
    for (let place = steps.length - 1; place >= 0; place -= 1) {
      const { kind, fn, context } = steps[place]!;
      next = ownCopy(makers[kind], texts, place)(
        fn as StepFunction,
        context,
        this.#progress,
        this.#slots[place]!,
        next,
        checkPlainResult,
      );
    }
    this.#first = next;
    this.#loop = ownCopy(loopOver, texts);
  }

  /** Whether events that have times, or have none, can be added to those before them. */
  #expects({ times }: Batch): boolean {
    try {
      for (const { output } of this.#stages) output.expectAll(times !== undefined);
      return true;
    } catch {
      return false;
    }
  }

  /** Returns the index behind the last event that was taken: the last one of the batch, or one that has failed. */
  #takeToFailure(batch: Batch, from: number, to: number): number {
    const stages = this.#stages;
    const hand = this.#hand;
    const drops = this.#steps!.some(({ kind }) => kind === "filter");
    const kept = new Array<unknown>(to - from);
    const keptTimes = drops && batch.times !== undefined ? new Array<number>(to - from) : undefined;
    this.#enter(batch, from);
    let failure: { readonly error: unknown } | undefined;
    try {
      this.#loop(this.#first, hand, batch.values, batch.times, from, to, kept, keptTimes, stages.length);
    } catch (error) {
      failure = { error };
    }
    const { keptCount } = hand;
    kept.length = keptCount;
    if (keptTimes !== undefined) keptTimes.length = keptCount;
    stages.at(-1)!.output.emitAll(kept, drops ? keptTimes : partOf(batch.times, from, from + keptCount));
    if (failure === undefined) {
      this.#count(to - from, undefined);
      this.#leave();
      return to;
    }
    const { index, place } = hand;
    const { value } = this.#slots[place]!;
    this.#count(index + 1 - from, place);
    this.#leave();
    const seen = place === 0 ? batch : resultsOf(batch);
    stages[place]!.failAt(seen, index, value, failure.error, () => stages[0]!.hold(batch, index + 1, to));
    return index + 1;
  }

  #enter(batch: Batch, from: number): void {
    const hand = this.#hand;
    hand.batch = batch;
    hand.from = from;
    hand.keptCount = 0;
    hand.toldBefore = this.#progress[0]!;
    const last = this.#stages.length - 1;
    for (let place = 0; place <= last; place += 1) {
      const stage = this.#stages[place]!;
      const slot = this.#slots[place]!;
      const { kind, context } = this.#steps![place]!;
      assert(!stage.hasRest, "K1: while a stage holds something back it takes no input");
      slot.given = place === 0 ? undefined : { value: undefined };
      slot.passed = kind === "filter" && place < last ? 0 : undefined;
      const seen = place === 0 ? batch : resultsOf(batch);
      context.enter(seen, hand);
      stage.output.startInRun(seen, slot);
    }
  }

  #leave(): void {
    this.#hand.batch = noBatch;
    for (let place = 0; place < this.#stages.length; place += 1) {
      this.#stages[place]!.output.leave();
      this.#slots[place]!.given = undefined;
    }
  }

  /** @param failed which operator has failed at the last one of the events */
  #count(eventCount: number, failed: number | undefined): void {
    const last = this.#stages.length - 1;
    let count = eventCount;
    for (let place = 0; place <= last; place += 1) {
      const { counters } = this.#stages[place]!;
      counters.in += count;
      this.#steps![place]!.onTaken?.(count);
      if (place === last) break;
      count = this.#slots[place]!.passed ?? (place === failed ? count - 1 : count);
      counters.out += count;
    }
  }
}

/** What is known of the results of an operator that was given `batch`, at the places of the events that they are made of: they have no keys. */
function resultsOf({ times }: Batch): Batch {
  return { values: [], times, keys: undefined };
}

type StepFunction = (value: unknown, context: StepContext) => unknown;

type MakeStep = (
  fn: StepFunction,
  context: StepContext,
  progress: Int32Array,
  slot: Slot,
  next: Step,
  check: typeof checkPlainResult,
) => Step;

const mapStep: MakeStep = (fn, context, progress, slot, next, check) => (value, told, kept, count) => {
  if (slot.given !== undefined) slot.given.value = value;
  progress[0] = told;
  const result = fn(value, context);
  if (typeof result === "object" && result !== null && "then" in result) check("map", result);
  return next(result, told + 1, kept, count);
};

const filterStep: MakeStep = (fn, context, progress, slot, next, check) => (value, told, kept, count) => {
  if (slot.given !== undefined) slot.given.value = value;
  progress[0] = told;
  const answer = fn(value, context);
  if (typeof answer === "object" && answer !== null) check("filter", answer);
  if (!answer) return 0;
  if (slot.passed !== undefined) slot.passed += 1;
  return next(value, told + 1, kept, count);
};

const tapStep: MakeStep = (fn, context, progress, slot, next, check) => (value, told, kept, count) => {
  if (slot.given !== undefined) slot.given.value = value;
  progress[0] = told;
  const answer = fn(value, context);
  if (typeof answer === "object" && answer !== null) check("tap", answer);
  return next(value, told + 1, kept, count);
};

const makers: Readonly<Record<EventStep["kind"], MakeStep>> = { map: mapStep, filter: filterStep, tap: tapStep };

/** Behind the last operator. */
const keep: Step = (value, _told, kept, count) => {
  kept[count] = value;
  return 1;
};

/** @param steps how many there are: each tells a progress of its own */
function loopOver(
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
