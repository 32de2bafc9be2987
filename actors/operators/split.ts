/** split: each event to the first of several outputs whose predicate accepts it. */

import { checkName, MillraceError, OptionError } from "../../runtime/index.ts";
import type { Batch } from "../batch.ts";
import type { EventStep, OperatorContext, OperatorLogic, OperatorSpec, Output, TakenEvents } from "../operator.ts";
import { type EventContext, EventCursor } from "./event-context.ts";
import { takesOnlyTheEvent } from "./only-the-event.ts";
import { ownCopy, textsOf } from "./own-copy.ts";
import { checkPlainFunction, checkPlainResult } from "./plain-function.ts";

/** An event that no output of a `split` accepts. */
export class UnmatchedError extends MillraceError {
  readonly code = "ERR_ACT_UNMATCHED";
}

/** Which events an output takes: those its predicate accepts, or those that no other output does. */
export type SplitRule<A> = ((value: A, context: EventContext) => unknown) | "otherwise";

export interface SplitOptions {
  /**
   * What becomes of an event that no output accepts when there is no "otherwise": a dead letter with ERR_ACT_UNMATCHED, or
   * nothing at all. Default "dead-letter".
   */
  readonly unmatched?: "dead-letter" | "drop";
}

/**
 * Sends each event to one of several named outputs: the first, in the order written, whose predicate returns something
 * truthy, or else the one that says "otherwise".
 *
 * @throws ERR_RT_OPTION for no outputs, two that say "otherwise", names that are no names, rules that are no predicates;
 * ERR_ACT_ASYNC_FUNCTION for an async predicate. An event for which a predicate returns a promise fails with the latter
 */
export function split<A>(rules: Readonly<Record<string, SplitRule<A>>>, options: SplitOptions = {}): OperatorSpec {
  const outputs = checkOutputs(rules);
  const unmatched = options.unmatched ?? "dead-letter";
  if (unmatched !== "dead-letter" && unmatched !== "drop") {
    throw new OptionError("split: unmatched", unmatched, '"dead-letter" or "drop"');
  }
  const otherwise = outputs.findIndex((name) => rules[name] === "otherwise");
  const branches: Branch[] = outputs.flatMap((name, output) => {
    const rule = rules[name];
    return typeof rule === "function" ? [{ output, accepts: rule as Branch["accepts"] }] : [];
  });
  return { kind: "split", outputs, create: () => new SplitLogic(branches, otherwise, unmatched, outputs) };
}

interface Branch {
  readonly output: number;
  readonly accepts: (value: unknown, context: EventContext) => unknown;
}

class SplitLogic implements OperatorLogic {
  readonly #branchOf: BranchOf;
  readonly #loop: typeof loopOver;
  /** One for all: it says nothing of the single event. */
  readonly #unmatched: UnmatchedError | undefined;
  readonly #taken: readonly OutputEvents[];
  /** Whether no predicate can look at anything but the event. */
  readonly #takesOnlyEvents: boolean;
  #cursor!: EventCursor;

  /** @param otherwise the output that takes what no other does; -1 for none */
  constructor(branches: readonly Branch[], otherwise: number, unmatched: string, outputs: readonly string[]) {
    const texts = textsOf(branches.map(({ accepts }) => accepts));
    const last: BranchOf = () => otherwise;
    this.#branchOf = branches.reduceRight(
      (next, { output, accepts }, place) => ownCopy(branch, texts, place)(output, accepts, next, checkPlainResult),
      last,
    );
    this.#loop = ownCopy(loopOver, texts);
    this.#taken = outputs.map(() => new OutputEvents());
    this.#takesOnlyEvents = branches.every(({ accepts }) => takesOnlyTheEvent(accepts));
    if (unmatched === "drop") return;
    this.#unmatched = new UnmatchedError(
      `split: no output accepts the event (${outputs.join(", ")}); "otherwise" would, { unmatched: "drop" } leaves it out`,
      { details: { outputs } },
    );
  }

  open(context: OperatorContext): void {
    this.#cursor = new EventCursor(context);
  }

  eachEvent(): EventStep {
    const cursor = this.#cursor;
    const unmatched = (value: unknown) => {
      if (this.#unmatched !== undefined) cursor.deadLetter(value, this.#unmatched);
    };
    const branchOf = this.#branchOf;
    const texts = textsOf([branchOf]);
    const fn = this.#takesOnlyEvents ? ownCopy(ofEvent, texts)(branchOf, cursor) : branchOf;
    return { kind: "sort", fn, context: cursor, sorter: { taken: this.#taken, unmatched } };
  }

  onBatch(batch: Batch, from: number, to: number, output: Output): void {
    const cursor = this.#cursor;
    const taken = this.#taken;
    const { values, times } = batch;
    if (from < to) output.expectAll(times !== undefined);
    for (let index = 0; index < taken.length; index += 1) taken[index]!.begin(times !== undefined, output, index);
    cursor.enter(batch);
    try {
      this.#loop(this.#branchOf, values, times, from, to, output, cursor, taken, this.#unmatched);
    } finally {
      for (let index = 0; index < taken.length; index += 1) taken[index]!.handOn(output, index);
    }
  }
}

/** The number of the output that takes an event; -1 when none does. */
type BranchOf = (value: unknown, cursor: EventCursor) => number;

/**
 * The predicate of an output, and what is asked when it does not accept an event. Plain parameters: what is taken out of an object may not be
 * there yet, which V8 would look at for each event.
 */
const branch =
  (output: number, accepts: Branch["accepts"], next: BranchOf, check: typeof checkPlainResult): BranchOf =>
  (value, cursor) => {
    const accepted = accepts(value, cursor);
    if (typeof accepted === "object" && accepted !== null) check("split", accepted);
    return accepted ? output : next(value, cursor);
  };

/** For predicates that are given the event, and ask for nothing else. */
const ofEvent =
  (branchOf: BranchOf, cursor: EventCursor): ((value: unknown) => number) =>
  (value) => {
    return branchOf(value, cursor);
  };

/** @param unmatched undefined where events that no output takes are dropped */
function loopOver(
  branchOf: BranchOf,
  values: readonly unknown[],
  times: readonly number[] | undefined,
  from: number,
  to: number,
  output: Output,
  cursor: EventCursor,
  taken: readonly OutputEvents[],
  unmatched: UnmatchedError | undefined,
): void {
  for (let index = from; index < to; index += 1) {
    output.begin(index);
    cursor.moveOn(index);
    const value = values[index];
    const branch = branchOf(value, cursor);
    if (branch >= 0) taken[branch]!.addOf(value, times, index);
    else if (unmatched !== undefined) cursor.deadLetter(value, unmatched);
  }
}

/** More than the events of the batch before. */
const roomLeft = 8;

/**
 * The events of a batch that one output takes; in arrays somewhat longer than what it took of the batch before, so that few have to grow. Where
 * nobody takes what comes of the output they are counted.
 */
class OutputEvents implements TakenEvents {
  #values: unknown[] = [];
  #times: number[] | undefined;
  #count = 0;
  #isKept = true;

  begin(timed: boolean, output: Output, outputIndex: number): void {
    const isKept = output.isTaken(outputIndex);
    this.#isKept = isKept;
    const room = this.#count + (this.#count >> 4) + roomLeft;
    this.#values = new Array<unknown>(isKept ? room : 0);
    this.#times = isKept && timed ? new Array<number>(room) : undefined;
    this.#count = 0;
  }

  add(value: unknown, time: number): void {
    if (this.#isKept) {
      this.#values[this.#count] = value;
      this.#times![this.#count] = time;
    }
    this.#count += 1;
  }

  addOf(value: unknown, times: readonly number[] | undefined, index: number): void {
    if (this.#isKept) {
      this.#values[this.#count] = value;
      if (times !== undefined) this.#times![this.#count] = times[index]!;
    }
    this.#count += 1;
  }

  handOn(output: Output, outputIndex: number): void {
    if (!this.#isKept) return output.countUntaken(this.#count);
    const [values, times] = [this.#values, this.#times];
    values.length = this.#count;
    if (times !== undefined) times.length = this.#count;
    output.emitAll(values, times, outputIndex);
  }
}

function checkOutputs(rules: unknown): string[] {
  if (typeof rules !== "object" || rules === null || Object.keys(rules).length === 0) {
    throw new OptionError("split", rules, 'an object of outputs, such as { cars: isCar, rest: "otherwise" }');
  }
  for (const [name, rule] of Object.entries(rules)) {
    checkName("split: output", name);
    // An object lists such keys first, wherever they were written; the order of the rules would not be the author's.
    if (/^\d+$/.test(name)) throw new OptionError("split: output", name, "a name that is not a number");
    if (rule === "otherwise") continue;
    if (typeof rule !== "function") throw new OptionError(`split: ${name}`, rule, 'a predicate or "otherwise"');
    checkPlainFunction(`split: ${name}`, rule);
  }
  const restNames = Object.keys(rules).filter((name) => (rules as Record<string, unknown>)[name] === "otherwise");
  if (restNames.length > 1) throw new OptionError("split", restNames.join(", "), 'at most one "otherwise"');
  return Object.keys(rules);
}
