/** KeyedStream: a stream whose events have a key. What is added to it keeps a state per key, on the key's instance. */

import {
  type Aggregate,
  broadcast,
  type CallContext,
  type Change,
  changes,
  countOperator,
  dedupe,
  type EventContext,
  type Forecast,
  holtWinters,
  inOrder,
  intervalJoin,
  type JoinIntervalOptions,
  type JoinType,
  type Key,
  type KeyedWindowResult,
  type LookedUp,
  lateOutputName,
  lookup,
  type Match,
  mapAsync,
  match,
  type Numbered,
  numbered,
  type Pattern,
  process,
  reduce,
  runningAggregate,
  type SinkSpec,
  scan,
  smooth,
  type TimedOut,
  type WindowAssigner,
  type WindowJoined,
  windowJoin,
  windowOperator,
  zScore,
} from "../actors/index.ts";
import type { Input } from "./graph-assembly.ts";
import type { MakeOperator } from "./graph-validation.ts";
import type { LeftOf, RightOf } from "./join-sides.ts";
import { joinTableSpec } from "./join-table-spec.ts";
import type {
  AggregateStreamOptions,
  CountOptions,
  DedupeStreamOptions,
  FoldOptions,
  HoltWintersStreamOptions,
  InOrderStreamOptions,
  JoinStreamOptions,
  KeptStreamOptions,
  KeyedLookupStreamOptions,
  MapAsyncStreamOptions,
  MatchStreamOptions,
  OperatorOptions,
  SinkOptions,
  SmoothStreamOptions,
  WindowStreamOptions,
  ZScoreStreamOptions,
} from "./operator-options.ts";
import type { StreamBroadcastMaker, StreamProcessMaker } from "./process-maker.ts";
import type { MatchStream, Stream, TimedStream } from "./stream.ts";
import type { StreamEnd } from "./stream-end.ts";
import type { Table } from "./table.ts";
import type { JoinTableOptions } from "./table-options.ts";

/** A result of `scan` and `reduce`. */
export interface KeyedValue<K extends Key, S> {
  readonly key: K;
  readonly value: S;
}

/** A result of `count`. */
export interface KeyedCount<K extends Key> {
  readonly key: K;
  readonly count: number;
}

/** What `match` puts out behind a stream of `T` with keys `K`, for a pattern that captures `C`. */
type Matches<T, K extends Key, C, U> = MatchStream<U, TimedOut<Partial<C>, K>, T>;

/** Adds an operator that has the stream as its first input, and others behind it. */
type AddOperator = <U, In>(
  name: string,
  make: MakeOperator,
  options: OperatorOptions,
  others?: readonly Input[],
) => TimedStream<U, In>;
/** Gives the events of a stream to all instances of the operator of that name, in one order. */
type ToAll = (name: string, rules: Stream<unknown>) => Input;
type AddMatch<T> = <U, O>(name: string, make: MakeOperator, options: OperatorOptions) => MatchStream<U, O, T>;
type AddSink<T> = (name: string, spec: SinkSpec<T>, options: SinkOptions) => StreamEnd<T>;

/** Tells streams with keys of different types apart where the compiler compares them. */
declare const keyType: unique symbol;

export class KeyedStream<T, K extends Key> {
  declare readonly [keyType]: K;
  readonly #input: Input;
  readonly #add: AddOperator;
  readonly #addSink: AddSink<T>;
  readonly #toAll: ToAll;
  readonly #addMatch: AddMatch<T>;

  /** @internal Keyed streams come from `stream.keyBy`. */
  constructor(input: Input, add: AddOperator, addSink: AddSink<T>, toAll: ToAll, addMatch: AddMatch<T>) {
    this.#input = input;
    this.#add = add;
    this.#addSink = addSink;
    this.#toAll = toAll;
    this.#addMatch = addMatch;
  }

  /**
   * Carries a state per key: `seed` makes it at the key's first event, `step` returns the new state for each event and
   * leaves the old one as it is.
   */
  scan<S>(
    name: string,
    seed: () => S,
    step: (state: S, event: T, context: EventContext) => S,
    options: FoldOptions = {},
  ): Stream<KeyedValue<K, S>, T> {
    return this.#add(name, () => scan(seed, step, options), options);
  }

  /** Combines the events of each key into one of the same type: the first is the state, `step` puts in each further one. */
  reduce(
    name: string,
    step: (state: T, event: T, context: EventContext) => T,
    options: FoldOptions = {},
  ): Stream<KeyedValue<K, T>, T> {
    return this.#add(name, () => reduce(step, options), options);
  }

  /** Counts the events of each key. */
  count(name: string, options: CountOptions = {}): Stream<KeyedCount<K>, T> {
    return this.#add(name, () => countOperator(options), options);
  }

  /**
   * Collects the events of each key by windows, and puts out what an aggregate makes of those of each window, with the last moment
   * of the window for an event time. Events that come too late are a stream of their own.
   */
  window<A, R>(
    name: string,
    assigner: WindowAssigner<T>,
    aggregate: Aggregate<T, A, R>,
    options: WindowStreamOptions = {},
  ): TimedStream<KeyedWindowResult<K, R>, T> {
    return this.#add(name, () => windowOperator(assigner, aggregate, options), options);
  }

  /** Puts out what an aggregate makes of all events of the key so far: after each of them, unless `emit` says otherwise. */
  aggregate<A, R>(
    name: string,
    aggregate: Aggregate<T, A, R>,
    options: AggregateStreamOptions = {},
  ): Stream<KeyedValue<K, R>, T> {
    return this.#add(name, () => runningAggregate(aggregate, options), options);
  }

  /**
   * Passes on the first event of each id, and leaves out those that repeat it within a time. By event time, events behind the
   * watermark are a stream of their own.
   */
  dedupe(name: string, options: DedupeStreamOptions<T>): TimedStream<T, T> {
    return this.#add(name, () => dedupe(options), options);
  }

  /**
   * Passes on each event once event time has come to it, in the order of event times: nothing from before can follow. Events behind
   * the watermark are a stream of their own.
   */
  inOrder(name: string, options: InOrderStreamOptions = {}): TimedStream<T, T> {
    return this.#add(name, () => inOrder(options), options);
  }

  /** As `inOrder`; puts out each event with its number and ranks among those of its key, in the order of event times. */
  numbered(name: string, options: InOrderStreamOptions = {}): TimedStream<Numbered<T>, T> {
    return this.#add(name, () => numbered(options), options);
  }

  /** Passes on an event when it is not equal to the one of its key that was passed on before. */
  changes(name: string, isEqual: (before: T, event: T) => boolean, options: KeptStreamOptions = {}): Stream<T, T> {
    return this.#add(name, () => changes(isEqual, options), options);
  }

  /** Smooths the values of each key exponentially: puts out each with what was expected of it, and `next`, the smoothed one. */
  smooth(name: string, select: (event: T) => number, options: SmoothStreamOptions): Stream<Forecast<T, K>, T> {
    return this.#add(name, () => smooth(select, options), options);
  }

  /** Forecasts the values of each key by level, trend and season: puts out each with what was expected of it, and of the next. */
  holtWinters(
    name: string,
    select: (event: T) => number,
    options: HoltWintersStreamOptions,
  ): Stream<Forecast<T, K>, T> {
    return this.#add(name, () => holtWinters(select, options), options);
  }

  /** Puts out the values of each key with how many standard deviations they are from the mean of those before. */
  zScore(name: string, select: (event: T) => number, options: ZScoreStreamOptions = {}): Stream<Forecast<T, K>, T> {
    return this.#add(name, () => zScore(select, options), options);
  }

  /**
   * Replaces each event by what the promise of `transform` resolves to. With the order "per-key", one call per key is in
   * flight, and results of one key leave in the order of their events.
   */
  mapAsync<U>(
    name: string,
    transform: (event: T, context: CallContext) => PromiseLike<U> | U,
    options: MapAsyncStreamOptions<T> = {},
  ): Stream<U, T> {
    return this.#add(name, () => mapAsync(transform, options), options);
  }

  /** As `lookup` of a stream; with the order "per-key" as in `mapAsync`. The cache takes the key, unless it is given another one. */
  lookup<V>(
    name: string,
    find: (event: T, context: CallContext) => PromiseLike<V> | V,
    options: KeyedLookupStreamOptions<T> = {},
  ): Stream<LookedUp<T, V>, T> {
    return this.#add(name, () => lookup(find, options), options);
  }

  /** Runs an operator of your own: a class, or a function that returns an object with `onEvent`; `context.key` is the key,
   * and `context.state` keeps what it remembers of it, `context.timers` what it is to do later. What it puts out by
   * `context.late` is a stream of its own. */
  process<U>(name: string, maker: StreamProcessMaker<T, U>, options: OperatorOptions = {}): TimedStream<U, T> {
    return this.#add(name, () => process(maker, { keyed: true, outputs: [lateOutputName] }), options);
  }

  /**
   * Runs an operator of your own over this stream and another one with keys of the same kind: events of one key, of both
   * streams, go to one instance. `context.input` is 0 for those of this stream and 1 for those of the other.
   */
  processWith<R, U>(
    name: string,
    other: KeyedStream<R, K>,
    maker: StreamProcessMaker<T | R, U>,
    options: OperatorOptions = {},
  ): TimedStream<U, T | R> {
    return this.#add(name, () => process(maker, { keyed: true, outputs: [lateOutputName] }), options, [other.#input]);
  }

  /** As `withBroadcast` of a stream; `context.key` is the key, and `context.state` what is remembered of it. */
  withBroadcast<R, U>(
    name: string,
    rules: Stream<R>,
    maker: StreamBroadcastMaker<T, R, U>,
    options: OperatorOptions = {},
  ): TimedStream<U, T> {
    return this.#add(name, () => broadcast(maker, true), options, [this.#toAll(name, rules)]);
  }

  /**
   * Pairs its events with those of another stream that have the same key and are at most so much earlier and later:
   * `left.time + lower <= right.time <= left.time + upper`. Pairs are put out as they are found, with the later time of the two.
   * With the type "left", "right" or "full" an event of that side without a partner is put out when none can come any more.
   *
   * @throws ERR_ACT_JOIN_INTERVAL when nothing can lie in the interval, or it has no end and the type is not "inner"
   */
  intervalJoin<R, U, const J extends JoinType = "inner">(
    name: string,
    right: KeyedStream<R, K>,
    interval: JoinIntervalOptions,
    join: (left: LeftOf<T, J>, right: RightOf<R, J>) => U,
    options: JoinStreamOptions<J> = {},
  ): TimedStream<U, T | R> {
    // Where a side cannot be absent the operator does not call the function without it.
    const make = () => intervalJoin(interval, join as (left: T | undefined, right: R | undefined) => U, options);
    return this.#add(name, make, options, [right.#input]);
  }

  /**
   * Finds a pattern in the events of each key, in the order of their event times. Emits the matches, or what `select` makes of
   * each. Partial matches that run out of time are a stream of their own, `timedOut`, and so are events that come `late`.
   */
  match<C>(name: string, pattern: Pattern<T, C>, options?: MatchStreamOptions): Matches<T, K, C, Match<C, K>>;
  match<C, U>(
    name: string,
    pattern: Pattern<T, C>,
    select: (match: Match<C, K>) => U,
    options?: MatchStreamOptions,
  ): Matches<T, K, C, U>;
  match<C>(
    name: string,
    pattern: Pattern<T, C>,
    selectOrOptions?: ((match: Match<C, K>) => unknown) | MatchStreamOptions,
    more: MatchStreamOptions = {},
  ): Matches<T, K, C, unknown> {
    const [select, options] =
      typeof selectOrOptions === "object" ? [undefined, selectOrOptions] : [selectOrOptions, more];
    return this.#addMatch(name, () => match(pattern, select, options), options);
  }

  /**
   * Pairs its events with those of another stream that have the same key and are in the same window: tumbling, sliding, a session of
   * both, or of a calendar. All pairs of a window are put out when it ends. With the type "left", "right" or "full" so is an event of that
   * side that nothing of the other side is in the window with.
   */
  windowJoin<R, U, const J extends JoinType = "inner">(
    name: string,
    right: KeyedStream<R, K>,
    windows: WindowAssigner<T | R>,
    join: (left: LeftOf<T, J>, right: RightOf<R, J>) => U,
    options: JoinStreamOptions<J> = {},
  ): TimedStream<WindowJoined<K, U>, T | R> {
    // Where a side cannot be absent the operator does not call the function without it.
    const make = () => windowJoin(windows, join as (left: T | undefined, right: R | undefined) => U, options);
    return this.#add(name, make, options, [right.#input]);
  }

  /**
   * Each event with the row of a table that has its key: as it is when the event comes, or, with `retention`, as it was at the
   * event's own time. For that an event waits until event time has come to it; a change of the table that comes later than event
   * time counts for the events behind it, and what is older than `retention` is on the stream `late()`.
   *
   * With `awaitTable` no event is joined before the table is there.
   *
   * @param join what comes out for an event and its row; null and undefined for nothing
   * @throws ERR_RT_OPTION for an option that is not allowed, and for `awaitTable` when a source of the table never ends
   */
  joinTable<R, U, const J extends "inner" | "left" = "inner">(
    name: string,
    table: Table<R, K>,
    join: (event: T, row: RightOf<R, J>) => U | null | undefined,
    options: JoinTableOptions<J> = {},
  ): TimedStream<U, T | Change<R, K>> {
    const result = join as (event: T, row: R | undefined) => U | null | undefined;
    return this.#add(name, () => joinTableSpec(table.graph, options, result), options, [table.graph.byKey]);
  }

  /** Ends the stream in a sink; with a parallelism above 1, events of one key go to one instance, in order. */
  sink(name: string, spec: SinkSpec<T>, options: SinkOptions = {}): StreamEnd<T> {
    return this.#addSink(name, spec, options);
  }
}
