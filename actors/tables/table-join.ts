/** tableJoin: two tables as one, by the key of the one on the right (joined-rows.ts). */

import type { Key } from "../batch.ts";
import { checkJoinType, type JoinType } from "../joins/join-type.ts";
import type { OperatorSpec } from "../operator.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { type Change, rowAfter } from "./change.ts";
import { type JoinedRowsOptions, leftReplaced, rightReplaced } from "./joined-rows.ts";
import type { GroupedChange } from "./regroup.ts";
import { rowMaker, tableOperator } from "./table-operator.ts";

/**
 * Joins by the key of both tables. Takes the changes of the left table on its first input and those of the right one on its
 * second, by key; emits changes with the same keys.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function joinByKey<L, R, U>(
  type: JoinType,
  result: (left: L | undefined, right: R | undefined) => U | null | undefined,
): OperatorSpec {
  const settings = checked(type, result, { keyOfLeft: (key) => key, keyOfRight: (key) => key });
  return tableOperator("table-join", () => {
    const emit = (context: ProcessContext, change: Change) => context.emit(change);
    return new TableJoin(settings, (event) => event as Change, emit);
  });
}

/**
 * Joins by a key that the rows on the left refer to. Takes `GroupedChange`s of the left table by the key that their rows refer to
 * on its first input, and changes of the right table by key on its second; emits `GroupedChange`s.
 *
 * What is shown has the keys of the left table where nothing on the right is shown alone, otherwise those of `sideKey`.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function joinByReference<L, R, U>(
  type: JoinType,
  result: (left: L | undefined, right: R | undefined) => U | null | undefined,
): OperatorSpec {
  const showsRight = type === "right" || type === "full";
  const settings = checked(type, result, {
    keyOfLeft: (key) => (showsRight ? sideKey("left", key) : key),
    keyOfRight: (key) => sideKey("right", key),
  });
  return tableOperator("table-join", () => {
    const emit = (context: ProcessContext, change: Change) => context.emit({ group: context.key!, change });
    return new TableJoin(settings, (event) => (event as GroupedChange).change, emit);
  });
}

/** One key for the rows of two tables, such as `left "a"`, `left 1` or `right 1n`. */
function sideKey(side: "left" | "right", key: Key): string {
  if (typeof key === "string") return `${side} ${JSON.stringify(key)}`;
  return `${side} ${String(key)}${typeof key === "bigint" ? "n" : ""}`;
}

type AnyOptions = JoinedRowsOptions<unknown, unknown, unknown>;

function checked<L, R, U>(
  type: JoinType,
  result: (left: L | undefined, right: R | undefined) => U | null | undefined,
  keys: Pick<AnyOptions, "keyOfLeft" | "keyOfRight">,
): AnyOptions {
  checkJoinType("join: type", type);
  const made = rowMaker("join", result) as (left: unknown, right: unknown) => unknown;
  return { type, result: made, ...keys };
}

class TableJoin implements ProcessOperator {
  readonly #options: AnyOptions;
  readonly #leftOf: (event: unknown) => Change;
  readonly #emit: (context: ProcessContext, change: Change) => void;

  constructor(
    options: AnyOptions,
    leftOf: (event: unknown) => Change,
    emit: (context: ProcessContext, change: Change) => void,
  ) {
    this.#options = options;
    this.#leftOf = leftOf;
    this.#emit = emit;
  }

  onEvent(event: unknown, context: ProcessContext): void {
    const isLeft = context.input === 0;
    for (const change of isLeft
      ? this.#onLeft(this.#leftOf(event), context)
      : this.#onRight(event as Change, context)) {
      this.#emit(context, change);
    }
  }

  #onLeft(change: Change, context: ProcessContext): readonly Change[] {
    const lefts = context.state.map<Key, unknown>("left");
    const row = context.state.value<unknown>("right").get();
    const { key } = change;
    const after = rowAfter(change);
    const replaced = { key, before: lefts.get(key), after };
    const right = { key: context.key!, row, leftCount: lefts.size };
    const changes = leftReplaced(this.#options, replaced, right);
    if (after === undefined) lefts.delete(key);
    else lefts.set(key, after);
    return changes;
  }

  #onRight(change: Change, context: ProcessContext): readonly Change[] {
    const lefts = context.state.map<Key, unknown>("left").all();
    const right = context.state.value<unknown>("right");
    const after = rowAfter(change);
    const changes = rightReplaced(this.#options, lefts, { key: context.key!, before: right.get(), after });
    if (after === undefined) right.clear();
    else right.set(after);
    return changes;
  }
}
