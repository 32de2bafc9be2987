/**
 * Aggregate: many events as one value, step by step. What it remembers of them is an accumulator, plain data that lives in the
 * state of an operator; the aggregate itself remembers nothing.
 *
 * Laws, which the operators that use it rely on
 *  A1  merge(a, b), where what is in `b` follows what is in `a`, equals adding what is in `b` to `a`.
 *  A2  remove(add(a, event), event) equals `a`.
 *  A3  an `add` that throws has changed nothing.
 *
 * Not here: the built-in ones, each in a file of its own; several at once (aggregate-record.ts).
 */

import { MillraceError, OptionError, printValue } from "../../runtime/index.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";

/**
 * `E` is what the events are, `A` the accumulator, `R` the result. Times are event times in ms since the epoch, undefined in a
 * stream that has none.
 */
export interface Aggregate<E, A, R> {
  /** An accumulator of nothing, shared with no other. */
  create(): A;
  /** The accumulator with one more event: a new one, or the given one, changed. */
  add(accumulator: A, event: E, time?: number): A;
  /** `into` with what is in `from`: a new one, or `into`, changed. Leaves `from` as it is, and shares nothing with it that changes. */
  merge?(into: A, from: A): A;
  /** The accumulator without an event that was added: a new one, or the given one, changed. */
  remove?(accumulator: A, event: E, time?: number): A;
  /**
   * The result. Called only when at least one event is in the accumulator; leaves it as it is, and returns nothing that a later
   * `add` changes.
   */
  finish(accumulator: A): R;
}

/** What a function that selects a value for a built-in aggregate returned is nothing that it takes. */
export class AggregateValueError extends MillraceError {
  readonly code = "ERR_ACT_AGGREGATE_VALUE";
}

/** An accumulator would hold more than it may. */
export class AggregateLimitError extends MillraceError {
  readonly code = "ERR_ACT_AGGREGATE_LIMIT";
}

/** What a built-in aggregate takes of an event, and what it does with it. */
interface Steps<E, V, A, R> {
  /** What its accumulators are: those of another kind say nothing to it. */
  readonly kind: string;
  /** May throw: nothing has changed yet. */
  select(event: E): V;
  create(): A;
  put(accumulator: A, value: V, time: number | undefined): A;
  merge(into: A, from: A): A;
  take?(accumulator: A, value: V, time: number | undefined): A;
  finish(accumulator: A): R;
  /** Whether `put` may refuse a value, because there are too many. Default false. */
  readonly isLimited?: boolean;
  /** Whether it takes nothing of an event but that there is one. Default false. */
  readonly takesNothing?: boolean;
}

/**
 * A built-in aggregate: what of an event can fail is apart from what changes the accumulator, so that several of them take an
 * event together or not at all (A3).
 */
export class SelectingAggregate<E, V, A, R> implements Aggregate<E, A, R> {
  readonly kind: string;
  readonly select: (event: E) => V;
  readonly create: () => A;
  readonly put: (accumulator: A, value: V, time: number | undefined) => A;
  readonly merge: (into: A, from: A) => A;
  readonly remove?: (accumulator: A, event: E, time?: number) => A;
  readonly finish: (accumulator: A) => R;
  readonly isLimited: boolean;
  readonly takesNothing: boolean;

  constructor(steps: Steps<E, V, A, R>) {
    const { kind, select, create, put, merge, take, finish, isLimited = false, takesNothing = false } = steps;
    this.kind = kind;
    this.select = select;
    this.create = create;
    this.put = put;
    this.merge = merge;
    this.finish = finish;
    this.isLimited = isLimited;
    this.takesNothing = takesNothing;
    if (take !== undefined) this.remove = (accumulator, event, time) => take(accumulator, select(event), time);
  }

  add(accumulator: A, event: E, time?: number): A {
    return this.put(accumulator, this.select(event), time);
  }
}

/**
 * Refuses what is no aggregate.
 *
 * @param what names it in errors
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function checkAggregate(what: string, candidate: unknown): void {
  if (typeof candidate !== "object" || candidate === null) {
    throw new OptionError(what, candidate, "an aggregate: count(), or an object with create, add and finish");
  }
  const { create, add, merge, remove, finish } = candidate as Record<string, unknown>;
  for (const [name, method] of Object.entries({ create, add, finish })) checkPlainFunction(`${what}: ${name}`, method);
  for (const [name, method] of Object.entries({ merge, remove })) {
    if (method !== undefined) checkPlainFunction(`${what}: ${name}`, method);
  }
}

/**
 * A selecting function for numbers, which refuses others.
 *
 * @param what names the aggregate in errors
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; what it returns throws ERR_ACT_AGGREGATE_VALUE
 */
export function numbersOf<E>(what: string, select: (event: E) => number): (event: E) => number {
  checkPlainFunction(what, select);
  return (event) => {
    const value = select(event);
    if (Number.isFinite(value)) return value;
    throw wrongValue(what, "a finite number", value);
  };
}

/** The error for a value that an aggregate does not take. */
export function wrongValue(what: string, expected: string, value: unknown): AggregateValueError {
  return new AggregateValueError(
    `${what}: expected ${expected} from the function that selects, got ${printValue(value)}`,
    {
      details: { aggregate: what },
    },
  );
}
