/**
 * streamTableJoin: each event of a stream with the row of a table that has its key, as it is when the event comes. Changes of the
 * table put out nothing by themselves.
 */

import { OptionError } from "../../runtime/index.ts";
import type { OperatorSpec } from "../operator.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { ValueState } from "../state/operator-state.ts";
import { type Change, rowAfter } from "./change.ts";
import { rowMaker, tableOperator } from "./table-operator.ts";

/** Whether events without a row are joined, too, with undefined, or left out. */
export type StreamTableJoinType = "inner" | "left";

/**
 * Takes events on its first input and changes of the table on its second, by key; emits what `result` makes of each pair.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function streamTableJoin<A, R, U>(
  type: StreamTableJoinType,
  result: (event: A, row: R | undefined) => U | null | undefined,
): OperatorSpec {
  checkTableJoinType(type);
  const made = rowMaker("joinTable", result) as (event: unknown, row: unknown) => unknown;
  return tableOperator("stream-table-join", () => new StreamTableJoin(type, made));
}

/** Throws ERR_RT_OPTION. */
export function checkTableJoinType(type: unknown): asserts type is StreamTableJoinType {
  if (type !== "inner" && type !== "left") throw new OptionError("joinTable: type", type, '"inner" or "left"');
}

class StreamTableJoin implements ProcessOperator {
  readonly #type: StreamTableJoinType;
  readonly #result: (event: unknown, row: unknown) => unknown;
  #row!: ValueState<unknown>;

  constructor(type: StreamTableJoinType, result: (event: unknown, row: unknown) => unknown) {
    this.#type = type;
    this.#result = result;
  }

  open({ state }: ProcessContext): void {
    this.#row = state.value("row");
  }

  onEvent(event: unknown, context: ProcessContext): void {
    if (context.input === 1) {
      const row = rowAfter(event as Change);
      return row === undefined ? this.#row.clear() : this.#row.set(row);
    }
    const row = this.#row.get();
    if (row === undefined && this.#type === "inner") return;
    const joined = this.#result(event, row);
    if (joined !== undefined) context.emit(joined);
  }
}
