/** tableOperator: an operator of this folder as a `process` operator behind `keyBy`, with its state per key. */

import type { Key } from "../batch.ts";
import { lateOutputName, type OperatorSpec } from "../operator.ts";
import { checkPlainFunction, checkPlainResult } from "../operators/plain-function.ts";
import { type ProcessOperator, process } from "../operators/process.ts";
import { encodedKeysMax } from "../state/packed/object-keys.ts";

/**
 * A function of the author that makes a row, with null and undefined for no row.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; and so does what it returns, for a promise
 */
export function rowMaker<A extends readonly unknown[], R>(
  what: string,
  make: (...from: A) => R | null | undefined,
): (...from: A) => R | undefined {
  checkPlainFunction(what, make);
  return (...from) => {
    const row = make(...from) ?? undefined;
    checkPlainResult(what, row);
    return row;
  };
}

/** What the graph holds of it. */
export function tableOperator<A, B>(kind: string, create: () => ProcessOperator<A, B>, hasLate = false): OperatorSpec {
  return { ...process(() => create(), { keyed: true, outputs: hasLate ? [lateOutputName] : [] }), kind };
}

/**
 * What an operator knows of each key from its state alone, made when it is first needed. Thrown away when an event fails, which
 * may have changed a part of it; and that of keys that have not come for long, when there are more than whose state would be objects: it is
 * as large as that.
 */
export class DerivedByKey<D> {
  readonly #keysMax = encodedKeysMax("at once");
  #byKey = new Map<Key, D>();
  /** Those of before, of which the ones that come are among the others again. */
  #older = new Map<Key, D>();

  get(key: Key, make: () => D): D {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const derived = this.#older.get(key) ?? make();
    if (this.#byKey.size >= this.#keysMax) {
      this.#older = this.#byKey;
      this.#byKey = new Map();
    }
    this.#byKey.set(key, derived);
    return derived;
  }

  forget(key: Key): void {
    this.#byKey.delete(key);
    this.#older.delete(key);
  }

  /** Uses what is known of a key; it is forgotten when `use` throws. */
  use<R>(key: Key, make: () => D, use: (derived: D) => R): R {
    try {
      return use(this.get(key, make));
    } catch (error) {
      this.forget(key);
      throw error;
    }
  }
}
