/**
 * Matcher: takes the matches of one key a step on. Given how far they have come and an event, or the time that has come, it
 * says which matches were found and which ran out of time. It knows neither keys nor clocks, and keeps nothing between calls.
 *
 * A predicate is asked once per event, and once per partial match only where it looked at what that one had captured.
 *
 * Invariants
 *  T1  events are given in the order of their times.
 *  T2  a step that throws leaves the progress as it was.
 *
 * Not here: which partial matches there can be (automaton.ts), what a match leaves out (after-match.ts).
 */

import { assert, MillraceError } from "../../runtime/index.ts";
import { checkPlainResult } from "../operators/plain-function.ts";
import { nextMatch, type Skip, skipOf } from "./after-match.ts";
import { type Automaton, automatonOf } from "./automaton.ts";
import type { Edge, Literal, State } from "./automaton-state.ts";
import {
  addCapture,
  addEvent,
  type CaptureHolder,
  type CaptureLog,
  cutTo,
  emptyLog,
  eventsOf,
  heldCount,
  markOf,
  noCapture,
  pathOf,
} from "./capture-log.ts";
import { type MatchProgress, type PartialMatch, tidy } from "./match-progress.ts";
import type { PatternDefinition } from "./pattern-definition.ts";

/** Events by the names of the stages that captured them. */
export type Captured = Readonly<Record<string, readonly unknown[]>>;

export interface Found {
  readonly captured: Captured;
  /** The event time at which it was known: that of its last event, unless it took a later event, or the time, to tell. */
  readonly time: number;
}

export interface RanOut {
  readonly captured: Captured;
  /** The time of its first event. */
  readonly start: number;
  /** The last moment at which it could have become a match. */
  readonly end: number;
}

/** An event would have taken a key beyond what may be kept for it. */
export class PatternLimitError extends MillraceError {
  readonly code = "ERR_ACT_PATTERN_LIMIT";
}

export interface MatcherLimits {
  /** Partial matches of one key, with the matches that wait for them. */
  readonly partialMatchesMax: number;
  /** Captured events of one key, counted for each branch that captured them. */
  readonly capturesMax: number;
}

const none: readonly never[] = [];
const nothing = { found: none, ranOut: none };
const unknownYet = 0;
const holds = 1;
const fails = 2;

export class Matcher {
  readonly #names: readonly string[];
  readonly #automaton: Automaton;
  readonly #withinMs: number;
  readonly #skip: Skip | undefined;
  readonly #limits: MatcherLimits;
  /** What predicates are given: looks up what `#partial` has captured. */
  readonly #view: object;
  #looked = false;
  /** The answers to the event in hand: those that hold for all partial matches, and those for the one in hand. */
  readonly #answers: Int8Array;
  readonly #ownAnswers: Int8Array;
  #hasOwnAnswers = false;
  // Those in hand, and what comes of them; empty between calls.
  #log: CaptureLog = emptyLog();
  #value: unknown;
  #time = 0;
  #event = -1;
  #partial: PartialMatch | undefined;
  readonly #kept: PartialMatch[] = [];
  readonly #completed: CaptureHolder[] = [];
  readonly #open: State[] = [];
  readonly #edges: Edge[] = [];

  constructor(definition: PatternDefinition, limits: MatcherLimits) {
    this.#names = definition.stages.map(({ name }) => name);
    this.#automaton = automatonOf(definition);
    this.#withinMs = definition.withinMs ?? Number.POSITIVE_INFINITY;
    this.#skip = skipOf(definition.afterMatch, definition.stages);
    this.#limits = limits;
    this.#view = this.#makeView();
    this.#answers = new Int8Array(this.#automaton.predicates.length);
    this.#ownAnswers = new Int8Array(this.#automaton.predicates.length);
  }

  /**
   * The next event; what can no longer become a match by then has been taken out by `expire`. Returns the matches that came
   * out by it. Throws what a predicate throws, and ERR_ACT_PATTERN_LIMIT; the event then counts as not come.
   */
  take(progress: MatchProgress, value: unknown, time: number): readonly Found[] {
    const mark = markOf(progress.log);
    this.#log = progress.log;
    this.#value = value;
    this.#time = time;
    this.#event = -1;
    this.#answers.fill(unknownYet);
    try {
      let changed = false;
      for (const partial of progress.partial) {
        if (!this.#advance(partial, this.#automaton.states[partial.state]!)) changed = true;
      }
      this.#advance(undefined, this.#automaton.start);
      if (!changed && this.#event === -1 && this.#completed.length === 0) return none;
      this.#checkLimits(progress);
      progress.partial = this.#kept.slice();
      progress.changes += 1;
      return this.#comeOut(progress, this.#completed, time);
    } catch (error) {
      cutTo(progress.log, mark);
      throw error;
    } finally {
      this.#kept.length = 0;
      this.#completed.length = 0;
      this.#value = undefined;
      this.#partial = undefined;
    }
  }

  /**
   * Time has come to where no event before `time` follows. Returns the matches that this decides, and the partial matches
   * that it ends, each in order.
   */
  expire(
    progress: MatchProgress,
    time: number,
  ): { readonly found: readonly Found[]; readonly ranOut: readonly RanOut[] } {
    if (this.deadline(progress) >= time) return nothing;
    const found: Found[] = [];
    const ranOut: RanOut[] = [];
    for (let end = this.deadline(progress); end < time; end = this.deadline(progress)) {
      const ended = progress.partial.filter((partial) => this.#endOf(progress, partial) === end);
      assert(ended.at(-1) === progress.partial[ended.length - 1], "T1: what starts earlier ends earlier");
      progress.partial = progress.partial.slice(ended.length);
      progress.changes += 1;
      const completed = distinct(ended.filter(({ state }) => this.#endsInTime(this.#automaton.states[state]!)));
      const known = new Set([...completed, ...ended.filter(({ matched }) => matched)].map(({ capture }) => capture));
      for (const { capture, start } of distinct(ended.filter((partial) => !known.has(partial.capture)))) {
        ranOut.push({ captured: this.#capturedBy(progress.log, capture), start: progress.log.times[start]!, end });
      }
      found.push(...this.#comeOut(progress, completed, end));
    }
    return { found, ranOut };
  }

  /** No event follows at all: partial matches are forgotten. Returns the matches that waited for them, as found at `time`. */
  finish(progress: MatchProgress, time: number): readonly Found[] {
    progress.partial = [];
    progress.changes += 1;
    return this.#comeOut(progress, none, time);
  }

  /** The last moment at which the earliest partial match could become a match; Infinity without one, or without a bound. */
  deadline(progress: MatchProgress): number {
    const [earliest] = progress.partial;
    return earliest === undefined ? Number.POSITIVE_INFINITY : this.#endOf(progress, earliest);
  }

  #endOf({ log }: MatchProgress, { start }: PartialMatch): number {
    return log.times[start]! + this.#withinMs - 1;
  }

  /** Shows a partial match, or none yet, the event. Returns whether it is as it was. */
  #advance(partial: PartialMatch | undefined, from: State): boolean {
    this.#partial = partial;
    if (this.#hasOwnAnswers) this.#ownAnswers.fill(unknownYet);
    this.#hasOwnAnswers = false;
    if (this.#isStopped(from)) return false;
    let same = false;
    for (const edge of this.#edges) {
      if (edge.kind === "take") this.#capture(edge, partial);
      else if (partial !== undefined) {
        if (edge.to.kind === "final") this.#completed.push({ capture: partial.capture, start: partial.start });
        else if (edge.to.id === partial.state) {
          this.#kept.push(partial);
          same = true;
        } else this.#kept.push({ ...partial, state: edge.to.id });
      }
    }
    return same && this.#edges.length === 1;
  }

  /** Collects the edges that the event can take from a state; true when a negative ends it. */
  #isStopped(from: State): boolean {
    const open = this.#open;
    const edges = this.#edges;
    open.length = 0;
    edges.length = 0;
    open.push(from);
    for (let index = 0; index < open.length; index += 1) {
      const state = open[index]!;
      for (const stop of state.stops) if (this.#holds(stop)) return true;
      for (const edge of state.edges) {
        if (!this.#allHold(edge.when)) continue;
        if (edge.kind === "proceed") open.push(edge.to);
        else edges.push(edge);
      }
    }
    return false;
  }

  #capture(edge: Edge, partial: PartialMatch | undefined): void {
    const log = this.#log;
    if (this.#event === -1) this.#event = addEvent(log, this.#value, this.#time);
    const capture = addCapture(log, edge.stage, this.#event, partial?.capture ?? noCapture);
    const start = partial?.start ?? this.#event;
    const matched = this.#isComplete(edge.to);
    if (edge.to.kind !== "final") this.#kept.push({ state: edge.to.id, capture, start, matched });
    if (matched) this.#completed.push({ capture, start });
  }

  /** Whether nothing more is needed in a state. */
  #isComplete(state: State): boolean {
    if (state.kind === "final") return true;
    return state.edges.some(({ kind, to, when }) => kind === "proceed" && this.#allHold(when) && this.#isComplete(to));
  }

  #endsInTime(state: State): boolean {
    return state.kind === "pending" || state.edges.some(({ kind, to }) => kind === "proceed" && this.#endsInTime(to));
  }

  #allHold(when: readonly Literal[]): boolean {
    for (const { predicate, wanted } of when) if (this.#holds(predicate) !== wanted) return false;
    return true;
  }

  #holds(predicate: number): boolean {
    const known = this.#answers[predicate]! | this.#ownAnswers[predicate]!;
    if (known !== unknownYet) return known === holds;
    this.#looked = false;
    const answer: unknown = this.#automaton.predicates[predicate]!(this.#value as never, this.#view as never);
    checkPlainResult("pattern: where", answer);
    const answers = this.#looked ? this.#ownAnswers : this.#answers;
    if (this.#looked) this.#hasOwnAnswers = true;
    answers[predicate] = answer ? holds : fails;
    return Boolean(answer);
  }

  /** What comes out at once is not kept. */
  #checkLimits(progress: MatchProgress): void {
    const { held, log } = progress;
    const { partialMatchesMax, capturesMax } = this.#limits;
    const partial = this.#kept.length + held.length;
    if (partial > partialMatchesMax) throw beyond("partial matches", partial, partialMatchesMax);
    if (log.stages.length <= capturesMax) return;
    const captures = heldCount(log, this.#kept, held);
    if (captures > capturesMax) throw beyond("captured events", captures, capturesMax);
    progress.compactAt = 0;
  }

  #comeOut(progress: MatchProgress, completed: readonly CaptureHolder[], time: number): readonly Found[] {
    for (const match of completed) insert(progress.held, match);
    let found: Found[] | undefined;
    for (let match = nextMatch(progress, this.#skip); match !== undefined; match = nextMatch(progress, this.#skip)) {
      found ??= [];
      found.push({ captured: this.#capturedBy(progress.log, match.capture), time });
    }
    tidy(progress);
    return found ?? none;
  }

  #capturedBy(log: CaptureLog, capture: number): Captured {
    const captured: Record<string, unknown[]> = {};
    for (const at of pathOf(log, capture)) {
      const name = this.#names[log.stages[at]!]!;
      captured[name] ??= [];
      captured[name].push(log.values[log.events[at]!]);
    }
    return captured;
  }

  #makeView(): object {
    const view = {};
    this.#names.forEach((name, stage) => {
      const get = () => {
        this.#looked = true;
        return this.#partial === undefined ? undefined : eventsOf(this.#log, this.#partial.capture, stage);
      };
      Object.defineProperty(view, name, { enumerable: true, get });
    });
    return Object.freeze(view);
  }
}

/** Behind those with the same start. */
function insert(held: CaptureHolder[], match: CaptureHolder): void {
  const behind = held.findIndex(({ start }) => start > match.start);
  held.splice(behind === -1 ? held.length : behind, 0, match);
}

/** One for each path: partial matches that differ only in what they wait for are one to whoever looks at them. */
function distinct(partial: readonly PartialMatch[]): CaptureHolder[] {
  const captures = new Set<number>();
  return partial.flatMap(({ capture, start }) => {
    if (captures.has(capture)) return [];
    captures.add(capture);
    return [{ capture, start }];
  });
}

function beyond(what: string, count: number, max: number): PatternLimitError {
  return new PatternLimitError(
    `this event would make ${count} ${what} of one key, ${max} are allowed; a shorter \`within\`, \`consecutive\` or a stricter predicate keeps fewer`,
    { details: { what, count, max } },
  );
}
