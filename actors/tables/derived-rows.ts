/**
 * derivedRows: rows of a table, each made from one row of another one, or left out. Nothing is kept: what was made of a row
 * before is made again, so the function has to return the same for the same row.
 */

import type { Batch, Key } from "../batch.ts";
import type { OperatorLogic, OperatorSpec, Output } from "../operator.ts";
import { type Change, changeBetween, rowAfter, rowBefore } from "./change.ts";
import { rowMaker } from "./table-operator.ts";

/**
 * Rows as `derive` makes them; null and undefined leave one out.
 *
 * @param kind for plans and errors
 * @throws ERR_RT_OPTION when `derive` is no function, ERR_ACT_ASYNC_FUNCTION; an event for which it returns a promise fails
 */
export function derivedRows<R, U>(kind: string, derive: (row: R, key: Key) => U | null | undefined): OperatorSpec {
  const made = rowMaker(kind, derive) as (row: unknown, key: Key) => unknown;
  return { kind, outputs: ["main"], create: () => new DerivedRows(made) };
}

/** Rows for which `test` holds. Throws like `derivedRows`. */
export function filteredRows<R>(test: (row: R, key: Key) => boolean): OperatorSpec {
  const holds = rowMaker("filter-rows", test);
  return derivedRows<R, R>("filter-rows", (row, key) => (holds(row, key) === true ? row : undefined));
}

class DerivedRows implements OperatorLogic {
  readonly #derive: (row: unknown, key: Key) => unknown;

  constructor(derive: (row: unknown, key: Key) => unknown) {
    this.#derive = derive;
  }

  onBatch({ values }: Batch, from: number, to: number, output: Output): void {
    const derive = this.#derive;
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      const change = values[index] as Change;
      const { key } = change;
      const [before, after] = [rowBefore(change), rowAfter(change)];
      const was = before === undefined ? undefined : derive(before, key);
      const is = after === undefined ? undefined : derive(after, key);
      const derived = changeBetween(key, was, is);
      if (derived !== undefined) output.emit(derived);
    }
  }
}
