/** KeyedStream: a stream whose events have a key. What is added to it keeps a state per key, on the key's instance. */

import {
  count,
  type Emission,
  type EventContext,
  type Key,
  type OperatorSpec,
  reduce,
  type SinkSpec,
  scan,
} from "../actors/index.ts";
import type { FoldOptions, OperatorOptions, SinkOptions } from "./operator-options.ts";
import type { Stream } from "./stream.ts";

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

type AddOperator = <U>(name: string, spec: OperatorSpec, options: OperatorOptions) => Stream<U>;
type AddSink<T> = (name: string, spec: SinkSpec<T>, options: SinkOptions) => void;

export class KeyedStream<T, K extends Key> {
  readonly #add: AddOperator;
  readonly #addSink: AddSink<T>;

  /** @internal Keyed streams come from `stream.keyBy`. */
  constructor(add: AddOperator, addSink: AddSink<T>) {
    this.#add = add;
    this.#addSink = addSink;
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
  ): Stream<KeyedValue<K, S>> {
    return this.#add(name, scan(seed, step, emission(options)), options);
  }

  /** Combines the events of each key into one of the same type: the first is the state, `step` puts in each further one. */
  reduce(
    name: string,
    step: (state: T, event: T, context: EventContext) => T,
    options: FoldOptions = {},
  ): Stream<KeyedValue<K, T>> {
    return this.#add(name, reduce(step, emission(options)), options);
  }

  /** Counts the events of each key. */
  count(name: string, options: FoldOptions = {}): Stream<KeyedCount<K>> {
    return this.#add(name, count(emission(options)), options);
  }

  /** Ends the stream in a sink; with a parallelism above 1, events of one key go to one instance, in order. */
  sink(name: string, spec: SinkSpec<T>, options: SinkOptions = {}): void {
    this.#addSink(name, spec, options);
  }
}

function emission(options: FoldOptions): { readonly emit?: Emission } {
  return options.emit === undefined ? {} : { emit: options.emit };
}
