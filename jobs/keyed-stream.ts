/** KeyedStream: a stream whose events have a key. What is added to it keeps state per key. */

import type { Key, OperatorSpec } from "../actors/index.ts";
import type { OperatorOptions } from "./operator-options.ts";
import { standIn } from "./stand-in-operators.ts";
import type { Stream } from "./stream.ts";

/** Adds an operator behind the key; the maker of the stream passes it in. */
export type AddKeyed = <U>(name: string, spec: OperatorSpec, options: OperatorOptions, terminal: boolean) => Stream<U>;

export class KeyedStream<T, K extends Key> {
  readonly #add: AddKeyed;
  /** Never set; ties the types to the class. */
  declare readonly types?: { readonly event: T; readonly key: K };

  /** @internal Keyed streams come from `stream.keyBy`. */
  constructor(add: AddKeyed) {
    this.#add = add;
  }

  /** Counts the events of each key; emits the new count after every event. */
  count(name: string, options: OperatorOptions = {}): Stream<number> {
    let count = 0;
    return this.#add(
      name,
      standIn("count", (_value, emit) => emit(++count)),
      options,
      true,
    );
  }
}
