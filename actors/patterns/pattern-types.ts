/**
 * PatternTypes: what the compiler knows of a pattern: the events that it is for, and what a match captures: arrays of events by
 * the names of stages, narrowed where a predicate is a type guard, absent where the stage is optional.
 */

import type { Duration } from "../../runtime/index.ts";
import type { AfterMatch } from "./pattern-definition.ts";

/** A pattern of events `E`, whose matches are `C`. */
export interface Pattern<in E, out C> {
  /** Only for the compiler. */
  readonly "~events"?: (event: E) => void;
  /** Only for the compiler. */
  readonly "~captured"?: C;
}

export interface PatternStart<E> {
  /** The first stage. */
  readonly begin: AddStage<E, unknown>;
}

/** The pattern up to a negative. */
export interface PatternGap<E, C> extends Pattern<E, Flat<C>> {
  /** Takes the very next event of the key, or nothing. */
  readonly next: AddStage<E, C>;
  /** Takes the next event that `where` holds for; others between are skipped. */
  readonly followedBy: AddStage<E, C>;
  /** Takes each event that `where` holds for, one in a match: what it could take is skipped, too. */
  readonly followedByAny: AddStage<E, C>;
  /** No match if `where` holds for the very next event. At the end of a pattern, that event is waited for. */
  notNext(name: string, where: NegativeWhere<E, C>): PatternGap<E, C>;
  /** No match if `where` holds for an event up to that of the next stage, or, at the end of a pattern, as long as `within` says. */
  notFollowedBy(name: string, where: NegativeWhere<E, C>): PatternGap<E, C>;
  /** The last event of a match has to come less than this after the first. Partial matches that run out of time are told apart. */
  within(duration: Duration): this;
  /** What a match leaves out. Default "skipPastLast". */
  afterMatch(afterMatch: AfterMatch<keyof C & string>): this;
}

/** The pattern up to a stage; `Last` is what that captures, `Before` what those before do. */
export interface PatternStage<E, Before, Last> extends PatternGap<E, Before & Last> {
  /** From `min` to `max` events; with `min` 0, none is enough. */
  times(min: 0, max: number): PatternStage<E, Before, Partial<Last>>;
  times(count: number, max?: number): PatternStage<E, Before, Last>;
  timesOrMore(min: number): PatternStage<E, Before, Last>;
  oneOrMore(): PatternStage<E, Before, Last>;
  /** The stage may be left out. */
  optional(): PatternStage<E, Before, Partial<Last>>;
  /** Its events follow one another without any between. */
  consecutive(): PatternStage<E, Before, Last>;
  /** Between its events, such that it could take are skipped, too. */
  allowCombinations(): PatternStage<E, Before, Last>;
  /** Events that it can take are its own: no stage behind it takes or skips them. */
  greedy(): PatternStage<E, Before, Last>;
  /** It takes no event from the first one on that `where` holds for. */
  until(where: (event: E, captured: Flat<Before & Partial<Last>>) => boolean): PatternStage<E, Before, Last>;
}

interface AddStage<E, C> {
  <const N extends string, U extends E>(
    name: N,
    where: (event: E, captured: Flat<C & Partial<Captures<N, E>>>) => event is U,
  ): PatternStage<E, C, Captures<N, U>>;
  <const N extends string>(
    name: N,
    where: (event: E, captured: Flat<C & Partial<Captures<N, E>>>) => boolean,
  ): PatternStage<E, C, Captures<N, E>>;
}

type NegativeWhere<E, C> = (event: E, captured: Flat<C>) => boolean;

type Captures<N extends string, E> = { readonly [Name in N]: readonly E[] };

/** An intersection as one object type. */
type Flat<C> = { readonly [Name in keyof C]: C[Name] };
