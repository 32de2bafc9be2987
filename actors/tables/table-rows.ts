/**
 * tableRows: makes a table of events: the newest event of a key is its row. Or of changes that come from elsewhere, whatever
 * they say of the row before: what comes out keeps to the rules of changes, because the rows are known here.
 */

import type { OperatorSpec } from "../operator.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { type Change, changeBetween, checkChange, rowAfter } from "./change.ts";
import { rowMaker, tableOperator } from "./table-operator.ts";

/**
 * A table whose rows are what `row` makes of events, one for each key; where it returns null or undefined the row is deleted.
 *
 * @throws ERR_RT_OPTION when `row` is no function, ERR_ACT_ASYNC_FUNCTION
 */
export function tableRows<A, R>(row: (event: A) => R | null | undefined): OperatorSpec {
  const made = rowMaker("asTable: row", row) as (event: unknown) => unknown;
  return tableOperator("as-table", () => new TableRows(made));
}

/** A table from changes by their keys. An event that is no change fails with ERR_ACT_CHANGE. */
export function changedRows(): OperatorSpec {
  return tableOperator("from-changes", () => {
    return new TableRows((event, { operator }) => {
      checkChange(operator, event);
      return rowAfter(event);
    });
  });
}

class TableRows implements ProcessOperator<unknown, Change> {
  readonly #rowOf: (event: unknown, context: ProcessContext) => unknown;

  constructor(rowOf: (event: unknown, context: ProcessContext) => unknown) {
    this.#rowOf = rowOf;
  }

  onEvent(event: unknown, context: ProcessContext<Change>): void {
    const row = context.state.value<unknown>("row");
    const before = row.get();
    const after = this.#rowOf(event, context);
    const change = changeBetween(context.key!, before, after);
    if (change === undefined) return;
    if (after === undefined) row.clear();
    else row.set(after);
    context.emit(change);
  }
}
