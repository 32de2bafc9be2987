/**
 * PatternDefinition: a pattern as data: its stages in order, how long a match may take, and what is left out after one.
 *
 * Not here: how it is written (pattern.ts), what it is compiled to (automaton.ts).
 */

import { MillraceError } from "../../runtime/index.ts";

/** A pattern that means nothing, or two things: refused when it is built. */
export class PatternError extends MillraceError {
  readonly code = "ERR_ACT_PATTERN";
}

/** Says of an event, and of what was captured before it, whether a stage takes it. */
export type Where = (event: never, captured: never) => boolean;

/**
 * How a stage stands to the one before. `begin` is the first; `next` takes the very next event of the key; `followedBy` skips
 * what it does not take; `followedByAny` also skips what it could take. A negative captures nothing: `notNext` looks at the
 * very next event, `notFollowedBy` at all of them up to the stage behind it.
 */
export type Contiguity = "begin" | "next" | "followedBy" | "followedByAny" | "notNext" | "notFollowedBy";

/** The same between the events of one stage. */
export type InnerContiguity = "consecutive" | "relaxed" | "combinations";

export interface StageDefinition {
  readonly name: string;
  readonly where: Where;
  readonly contiguity: Contiguity;
  /** How many events it takes at least, where it takes any. */
  readonly min: number;
  /** How many it takes at most; Infinity for `oneOrMore`. */
  readonly max: number;
  readonly inner: InnerContiguity;
  readonly optional: boolean;
  readonly greedy: boolean;
  /** From the first event that it holds for, the stage takes no more. */
  readonly until: Where | undefined;
}

/** Which partial matches, and matches found with it, a match leaves out. */
export type AfterMatch<Name extends string = string> =
  | "noSkip"
  | "skipToNext"
  | "skipPastLast"
  | { readonly skipToFirst: Name }
  | { readonly skipToLast: Name };

export interface PatternDefinition {
  readonly stages: readonly StageDefinition[];
  /** Undefined without a bound. */
  readonly withinMs: number | undefined;
  readonly afterMatch: AfterMatch;
}

/** Whether it takes as many events as there are. */
export function isLoop({ max }: StageDefinition): boolean {
  return max === Number.POSITIVE_INFINITY;
}
