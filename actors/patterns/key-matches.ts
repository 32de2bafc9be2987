/**
 * KeyMatches: the matches of each key as operator state, and what becomes of them: results, what ran out of time, and what is
 * given up.
 *
 * Not here: when events are matched (event-time-match.ts, processing-time-match.ts).
 */

import type { Key } from "../batch.ts";
import { keyHash } from "../groupings/key-hash.ts";
import { checkPlainResult } from "../operators/plain-function.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { ValueState } from "../state/operator-state.ts";
import { isIdle, type MatchProgress, newProgress } from "./match-progress.ts";
import { type Found, Matcher, type MatcherLimits } from "./matcher.ts";
import { type PatternDefinition, PatternError } from "./pattern-definition.ts";

/** A match, with the events that each stage captured. */
export interface Match<C, K extends Key = Key> {
  readonly key: K;
  readonly captured: C;
  /** Its event time: that of its last event, unless it took longer to know it; undefined in a stream without. */
  readonly time: number | undefined;
}

/** A partial match that could not become a match in time. */
export interface TimedOut<C, K extends Key = Key> {
  readonly key: K;
  readonly captured: C;
  /** The time of its first event, in ms since the epoch. */
  readonly start: number;
  /** The last moment at which it could have become a match. */
  readonly end: number;
}

/** Makes a result of a match. */
export type Select = (match: never) => unknown;

/** The output of partial matches that ran out of time. */
export const timedOutOutputName = "timedOut";

/** The event time of a result, given when it was decided; undefined for that of the event in hand. */
export type TimeOf = (decided: number) => number | undefined;

type Context = ProcessContext<unknown>;

export class KeyMatches {
  readonly #matcher: Matcher;
  readonly #select: Select | undefined;
  readonly #shape: number;
  /** For keys without a match that has begun: most events begin none. */
  #fresh: MatchProgress;
  #stored!: ValueState<MatchProgress>;

  constructor(definition: PatternDefinition, limits: MatcherLimits, select: Select | undefined) {
    this.#matcher = new Matcher(definition, limits);
    this.#select = select;
    this.#shape = shapeOf(definition);
    this.#fresh = newProgress(this.#shape);
  }

  open({ state }: Context): void {
    this.#stored = state.value<MatchProgress>("matches");
  }

  /** How far the matches of the key in hand have come. To be given to `keep` before another key is in hand. */
  ofKey(context: Context): MatchProgress {
    const stored = this.#stored.get();
    if (stored === undefined) return this.#fresh;
    if (stored.shape === this.#shape) return stored;
    throw new PatternError(
      `operator "${context.operator}": its pattern has other stages than when its state was stored, so that what has begun to match means nothing to it; give it another name`,
      { details: { operator: context.operator } },
    );
  }

  /** Stores what has changed since there were `changes` of it. */
  keep(progress: MatchProgress, changes: number): void {
    if (progress.changes === changes) return;
    if (!isIdle(progress)) this.#stored.set(progress);
    else if (progress !== this.#fresh) this.#stored.clear();
    if (progress === this.#fresh) this.#fresh = newProgress(this.#shape);
  }

  deadline(progress: MatchProgress): number {
    return this.#matcher.deadline(progress);
  }

  take(progress: MatchProgress, event: unknown, time: number, context: Context, timeOf: TimeOf): void {
    let found: readonly Found[];
    try {
      found = this.#matcher.take(progress, event, time);
    } catch (error) {
      // It may have come long ago: there is no call left that could fail for it.
      context.deadLetter(event, error);
      return;
    }
    this.#emit(found, context.key!, context, timeOf);
  }

  /** Ends what can no longer become a match where no event before `time` follows. */
  expire(progress: MatchProgress, time: number, context: Context, timeOf: TimeOf): void {
    if (this.#matcher.deadline(progress) >= time) return;
    const { found, ranOut } = this.#matcher.expire(progress, time);
    const key = context.key!;
    this.#emit(found, key, context, timeOf);
    for (const each of ranOut) {
      const timedOut: TimedOut<unknown> = { key, ...each };
      context.emitTo(timedOutOutputName, timedOut, timeOf(each.end));
    }
  }

  /** No event follows for the key in hand: lets go what waited for other matches. */
  finish(progress: MatchProgress, time: number, context: Context, timeOf: TimeOf): void {
    this.#emit(this.#matcher.finish(progress, time), context.key!, context, timeOf);
  }

  /** The same for all keys, where none is in hand. */
  finishAll(context: Context, timeOf: TimeOf): void {
    for (const [key, progress] of this.#stored.entries()) {
      if (progress.held.length > 0) this.#emit(this.#matcher.finish(progress, 0), key, context, timeOf);
    }
  }

  #emit(found: readonly Found[], key: Key, context: Context, timeOf: TimeOf): void {
    for (const { captured, time: decided } of found) {
      const time = timeOf(decided);
      const match: Match<unknown> = { key, captured, time };
      if (this.#select === undefined) context.emit(match, time);
      else this.#emitSelected(this.#select, match, context);
    }
  }

  #emitSelected(select: Select, match: Match<unknown>, context: Context): void {
    let result: unknown;
    try {
      result = select(match as never);
      checkPlainResult("match: select", result);
    } catch (error) {
      context.deadLetter(match, error);
      return;
    }
    context.emit(result, match.time);
  }
}

/** Differs where the states of the compiled pattern could. */
function shapeOf({ stages }: PatternDefinition): number {
  const told = stages.map(({ where: _where, until, max, ...stage }) => [
    Object.values(stage),
    String(max),
    until === undefined,
  ]);
  return keyHash(JSON.stringify(told));
}
