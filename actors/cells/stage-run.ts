/**
 * StageRun: operators in a row that only call a function for each event, and hand on to nobody but the next one, at work in one loop: an
 * event goes through all of them before the next one begins, and no batches are made between them. What becomes of an event that fails, what is
 * counted and what contexts say is what it is for each operator by itself (docs/decisions/0065).
 *
 * Events come as a batch, or, behind a source, each as it is emitted: what was emitted behind one that has failed is not taken then.
 */

import { assert, tellNoParts, tellParts } from "../../runtime/index.ts";
import { type Batch, partOf } from "../batch.ts";
import type { EventStep, Timekeeper } from "../operator.ts";
import { takesOnlyTheEvent } from "../operators/only-the-event.ts";
import { ownCopy, textsOf } from "../operators/own-copy.ts";
import { checkPlainResult } from "../operators/plain-function.ts";
import type { SourceOutput } from "../source.ts";
import { outputTo } from "../sources/output-to.ts";
import {
  keep,
  keepTimed,
  loopOver,
  passOn,
  passTo,
  RunInHand,
  type RunPassing,
  type Step,
  type StepFailure,
  type StepFunction,
  stepMakers,
} from "./event-steps.ts";
import type { OperatorStage } from "./operator-stage.ts";
import { noOverflow, type Passer, passedOutput } from "./passer.ts";
import { noBatch, RunSlot } from "./run-slot.ts";
import { sortOver, type TimedAndSorted } from "./sort-over.ts";

export class StageRun implements Passer {
  /** The number of its last operator in the chain. */
  readonly last: number;
  readonly #stages: readonly OperatorStage[];
  readonly #progress: Int32Array;
  /** Stand for its operators in memory that other threads read. */
  readonly #marks: Int32Array;
  readonly #hand: RunInHand;
  readonly #slots: readonly RunSlot[];
  /** Which of them gives events their times; -1 for none. */
  readonly #timed: number;
  /** Undefined where one of them has to be asked for whole batches. */
  #steps: readonly EventStep[] | undefined;
  /** Whether the function of an operator may ask for more than the event. */
  #mayAsk: readonly boolean[] = [];
  /** Of which `#steps` are: an operator that has started over is another one. */
  #logics: readonly unknown[] = [];
  #first!: Step;
  #loop = loopOver;
  /** Where they give events their times, and tell them apart: what they do, in a loop of its own. */
  #sorting: TimedAndSorted | undefined;
  #sortLoop = sortOver;
  readonly #passing: RunPassing = {
    room: 0,
    count: 0,
    told: 0,
    kept: [],
    keptTimes: undefined,
    keptCount: 0,
    failure: undefined,
    overflow: noOverflow,
  };
  /** What a source is given, where results are kept, and where what follows takes each as it comes. */
  #passed: SourceOutput<unknown> | undefined;
  #passedOn: SourceOutput<unknown> | undefined;
  /** What `#passedOn` gives results to: another one, once what follows takes them in another way. */
  #passedOnTo: SourceOutput<unknown> | undefined;
  /** What follows, if it takes results as they come; and whether it does now. */
  #behind: Passer | undefined;
  #passesOn = false;
  /** Takes the results that what follows does not take. */
  readonly #keeping = outputTo((value, time) => {
    const { kept, keptTimes, keptCount } = this.#passing;
    kept[keptCount] = value;
    if (keptTimes !== undefined) keptTimes[keptCount] = time!;
    this.#passing.keptCount += 1;
  });

  constructor(stages: readonly OperatorStage[], last: number) {
    this.last = last;
    this.#stages = stages;
    this.#progress = stages[0]!.output.progress;
    this.#marks = Int32Array.from(stages, ({ mark }) => mark);
    this.#hand = new RunInHand(this.#progress, stages.length);
    this.#slots = stages.map(() => new RunSlot(this.#hand));
    this.#timed = stages.findIndex(givesTimes);
  }

  /** The number of the operator in the chain that gives events their times; undefined for none. */
  get timed(): number | undefined {
    return this.#timed < 0 ? undefined : this.last - this.#stages.length + 1 + this.#timed;
  }

  /**
   * Takes the events `from` to `to` of a batch; false, with nothing done, when the operators have to take them one by one. Throws
   * ERR_ACT_OPERATOR_FAILED; what is behind the event is with the first operator then.
   */
  take(batch: Batch, from: number, to: number): boolean {
    if (batch.counts !== undefined || !this.#isPrepared()) return false;
    if (this.#timekeeper?.begin() === false || !this.#expects(batch)) return false;
    const sorting = this.#sorting;
    for (let next = from; next < to; ) {
      next =
        sorting === undefined ? this.#takeToFailure(batch, next, to) : this.#sortToFailure(sorting, batch, next, to);
    }
    this.#tellTime();
    return true;
  }

  /** As a passer does (passer.ts); undefined when the operators have to be given batches. */
  startPassing(room: number, overflow: SourceOutput<unknown>): SourceOutput<unknown> | undefined {
    if (!this.#isPrepared() || !this.#stages.every(({ output }, place) => output.takes(this.#isTimed(place)))) {
      return undefined;
    }
    if (this.#timekeeper?.begin() === false) return undefined;
    const passing = this.#passing;
    const lastCount = passing.keptCount;
    this.#enter(noBatch, 0);
    passing.room = room;
    passing.count = 0;
    passing.told = this.#hand.toldBefore + 1;
    const keptRoom = Math.min(room, lastCount + (lastCount >> 4));
    passing.kept = new Array<unknown>(keptRoom);
    passing.keptTimes = this.#timed < 0 ? undefined : new Array<number>(keptRoom);
    passing.keptCount = 0;
    passing.failure = undefined;
    passing.overflow = overflow;
    const behind = this.#behind?.startPassing(room, this.#keeping);
    this.#passesOn = behind !== undefined;
    if (behind === undefined) return this.#passed;
    if (this.#passedOn === undefined || this.#passedOnTo !== behind) {
      this.#passedOnTo = behind;
      this.#passedOn = this.#passingOn(behind);
    }
    return this.#passedOn;
  }

  /** What takes the results of events that are passed, if it takes them as they come. */
  passOnTo(behind: Passer | undefined): void {
    this.#behind = behind;
  }

  get passedCount(): number {
    return this.#passing.count;
  }

  /** The results are put out. Throws ERR_ACT_OPERATOR_FAILED. */
  endPassing(): void {
    const passing = this.#passing;
    const { kept, keptTimes, keptCount, failure, count } = passing;
    passing.room = 0;
    passing.kept = [];
    passing.keptTimes = undefined;
    kept.length = keptCount;
    if (keptTimes !== undefined) keptTimes.length = keptCount;
    if (count > 0) for (const [place, { output }] of this.#stages.entries()) output.expectAll(this.#isTimed(place));
    this.#putOut(kept, keptTimes);
    const isOfTimed = failure?.place === this.#timed;
    if (!isOfTimed && count > 0) this.#tellTime();
    try {
      this.#leave(count, failure, () => undefined);
      // One that starts over has forgotten what it has seen.
      if (isOfTimed) this.#tellTime();
    } finally {
      if (this.#passesOn) this.#endPassingOn(this.#behind!);
    }
  }

  #endPassingOn(behind: Passer): void {
    this.#stages.at(-1)!.counters.out += behind.passedCount;
    behind.endPassing();
  }

  #tellTime(): void {
    this.#timekeeper?.end(this.#stages[this.#timed]!.output);
  }

  get #timekeeper(): Timekeeper | undefined {
    return this.#steps?.[this.#timed]?.timekeeper;
  }

  /** Whether the results of an operator have times, if what comes into the run has none. */
  #isTimed(place: number): boolean {
    return this.#timed >= 0 && place >= this.#timed;
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
    this.#mayAsk = steps.map(({ fn }) => !takesOnlyTheEvent(fn));
    if (steps.at(-1)?.kind === "sort") return this.#composeSorting(steps[0]!, steps[1]!);
    const times = this.#timekeeper?.times;
    this.#first = this.#chained(steps, times === undefined ? keep : keepTimed(this.#passing, times), "");
    this.#loop = ownCopy(loopOver, textsOfSteps(steps));
    this.#passed = this.#passedTo(this.#first, "");
    this.#passedOn = undefined;
  }

  #composeSorting(timing: EventStep, sorting: EventStep): void {
    const { timekeeper } = timing as Required<EventStep>;
    const { sorter } = sorting as Required<EventStep>;
    const [timed, sorted] = this.#slots as [RunSlot, RunSlot];
    sorted.times = timekeeper.times;
    const { fn: outputOf, context } = sorting;
    const mayAsk = this.#mayAsk[1]!;
    this.#sorting = { timeOf: timing.fn, timekeeper, timed, outputOf, context, sorter, sorted, mayAsk };
    this.#sortLoop = ownCopy(sortOver, textsOfSteps([timing, sorting]));
  }

  /** The steps, and `last` behind them; in copies of their own for what that does. */
  #chained(steps: readonly EventStep[], last: Step, textsBehind: string): Step {
    const texts = textsOfSteps(steps) + textsBehind;
    const times = this.#timekeeper?.times;
    let next = last;
    for (let place = steps.length - 1; place >= 0; place -= 1) {
      const { kind, fn, context, timekeeper } = steps[place]!;
      assert(
        kind !== "sort",
        "an operator with several outputs is the last of its run, behind one that gives events their times",
      );
      this.#slots[place]!.times = place > this.#timed ? times : undefined;
      next = ownCopy(stepMakers[kind], texts, place)(
        fn as StepFunction,
        context,
        this.#progress,
        this.#slots[place]!,
        next,
        checkPlainResult,
        timekeeper,
      );
    }
    return next;
  }

  #passedTo(first: Step, textsBehind: string): SourceOutput<unknown> {
    const steps = this.#steps!;
    const emit = ownCopy(passTo, textsOfSteps(steps) + textsBehind)(first, this.#passing, this.#hand, steps.length);
    return passedOutput(emit, this.#passing, this.#timed < 0);
  }

  /** What a source is given where `behind` takes each result as it comes. */
  #passingOn({ emit }: SourceOutput<unknown>): SourceOutput<unknown> {
    const texts = `passed on ${textsOf([emit])}`;
    const last = ownCopy(passOn, textsOfSteps(this.#steps!) + texts)(emit, this.#timekeeper?.times);
    return this.#passedTo(this.#chained(this.#steps!, last, texts), texts);
  }

  /** Whether events that have times, or have none, can be added to those before them. */
  #expects({ times }: Batch): boolean {
    const timed = times !== undefined;
    if (!this.#stages.every(({ output }, place) => output.takes(timed || this.#isTimed(place)))) return false;
    for (const [place, { output }] of this.#stages.entries()) output.expectAll(timed || this.#isTimed(place));
    return true;
  }

  /** Returns the index behind the last event that was taken: the last one of the batch, or one that has failed. */
  #takeToFailure(batch: Batch, from: number, to: number): number {
    const hand = this.#hand;
    const drops = this.#drops;
    const kept = new Array<unknown>(to - from);
    const keptTimes = drops && batch.times !== undefined ? new Array<number>(to - from) : undefined;
    this.#enter(batch, from);
    let failure: StepFailure | undefined;
    try {
      this.#loop(this.#first, hand, batch.values, batch.times, from, to, kept, keptTimes, this.#stages.length);
    } catch (error) {
      failure = hand.failed(error);
    }
    const { keptCount } = hand;
    kept.length = keptCount;
    if (keptTimes !== undefined) keptTimes.length = keptCount;
    this.#putOut(kept, drops ? keptTimes : partOf(batch.times, from, from + keptCount));
    return this.#leave(to, failure, (rest) => this.#stages[0]!.hold(batch, rest, to));
  }

  #sortToFailure(sorting: TimedAndSorted, batch: Batch, from: number, to: number): number {
    const { taken } = sorting.sorter;
    const { output } = this.#stages[1]!;
    for (let index = 0; index < taken.length; index += 1) taken[index]!.begin(true, output, index);
    this.#enter(batch, from);
    let failure: StepFailure | undefined;
    try {
      this.#sortLoop(sorting, this.#progress, this.#hand, batch.values, from, to);
    } catch (error) {
      failure = this.#hand.failed(error);
    }
    for (let index = 0; index < taken.length; index += 1) taken[index]!.handOn(output, index);
    // One that starts over has forgotten what it has seen.
    if (failure?.place === 1) this.#tellTime();
    return this.#leave(to, failure, (rest) => this.#stages[0]!.hold(batch, rest, to));
  }

  get #drops(): boolean {
    return this.#steps!.some(({ kind }) => kind === "filter");
  }

  #putOut(kept: readonly unknown[], times: readonly number[] | undefined): void {
    this.#stages.at(-1)!.output.emitAll(kept, times);
  }

  #enter(batch: Batch, from: number): void {
    const hand = this.#hand;
    hand.from = from;
    hand.keptCount = 0;
    hand.toldBefore = this.#progress[0]!;
    tellParts(this.#progress, this.#marks, this.#stages[0]!.counters.in, batch === noBatch);
    const last = this.#stages.length - 1;
    for (let place = 0; place <= last; place += 1) {
      const stage = this.#stages[place]!;
      const slot = this.#slots[place]!;
      const { kind, context } = this.#steps![place]!;
      assert(!stage.hasRest, "K1: while a stage holds something back it takes no input");
      slot.given = this.#mayAsk[place] ? { value: undefined } : undefined;
      slot.passed = (kind === "filter" || kind === "time") && place < last ? 0 : undefined;
      slot.batch = place === 0 ? batch : resultsOf(batch);
      context.enter(slot.batch, slot);
      stage.output.startInRun(slot.batch, slot);
    }
  }

  /**
   * Counts what was taken, and gives an event that has failed to its operator.
   *
   * @param to behind the last one, where none has failed
   * @param hold keeps what is behind one that has failed
   * @returns the index behind the last event that was taken
   */
  #leave(to: number, failure: StepFailure | undefined, hold: (rest: number) => void): number {
    const behind = failure === undefined ? to : failure.index + 1;
    const failed = failure && this.#slots[failure.place]!.inHand;
    tellNoParts(this.#progress);
    this.#count(behind - this.#hand.from, failure?.place);
    for (let place = 0; place < this.#stages.length; place += 1) {
      this.#stages[place]!.output.leave();
      this.#slots[place]!.given = undefined;
    }
    if (failure !== undefined && failed !== undefined) {
      const { error, index, place } = failure;
      this.#stages[place]!.failAt(this.#slots[place]!.batch, index, failed, error, () => hold(behind));
    }
    return behind;
  }

  /** @param failed which operator has failed at the last one of the events */
  #count(eventCount: number, failed: number | undefined): void {
    if (eventCount === 0) return;
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

function textsOfSteps(steps: readonly EventStep[]): string {
  return steps.map(({ kind }) => kind).join() + textsOf(steps.map(({ fn }) => fn));
}

/** What is known of the results of an operator that was given `batch`, at the places of the events that they are made of: they have no keys. */
function resultsOf({ times }: Batch): Batch {
  return { values: [], times, keys: undefined };
}

/** Whether an operator gives events their times. */
export function givesTimes({ logic }: OperatorStage): boolean {
  return logic.slowestSplit !== undefined;
}
