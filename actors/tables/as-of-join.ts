/** asOfJoin: each row of a table with the row of another one that is nearest in time (nearest-rows.ts), kept up to date. */

import { MillraceError, OptionError, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { OperatorSpec } from "../operator.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { type Change, rowAfter } from "./change.ts";
import { type AsOfDirection, NearestRows, type NearestRowsOptions, type TimedRow } from "./nearest-rows.ts";
import type { GroupedChange } from "./regroup.ts";
import { type CompareRows, checkedOrder } from "./row-order.ts";
import { DerivedByKey, rowMaker, tableOperator } from "./table-operator.ts";

export interface AsOfJoinOptions<L, R> {
  /** Default "inner": rows on the left without one on the right are left out. */
  readonly type?: "inner" | "left";
  /** When a row on the left is, in ms since the epoch or any other number. */
  readonly leftTime: (row: L) => number | Date;
  readonly rightTime: (row: R) => number | Date;
  /** Default "before": the nearest row that is not after the one on the left. */
  readonly direction?: AsOfDirection;
  /** Whether rows of the same time are left out. Default false. */
  readonly strict?: boolean;
  /** Which of several rows on the right with the same time is taken, as for sorting an array. Default: that with the lowest key. */
  readonly ties?: CompareRows<R>;
}

/** A row of an as-of join has no time. */
export class RowTimeError extends MillraceError {
  readonly code = "ERR_ACT_ROW_TIME";
}

/**
 * Takes `GroupedChange`s of the left table on its first input and of the right one on its second, by group; emits
 * `GroupedChange`s with the keys of the left table.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; a change fails with ERR_ACT_ROW_TIME when its row has no time
 */
export function asOfJoin<L, R, U>(
  options: AsOfJoinOptions<L, R>,
  result: (left: L, right: R | undefined) => U | null | undefined,
): OperatorSpec {
  const { type = "inner", direction = "before", strict = false, ties = () => 0, leftTime, rightTime } = options ?? {};
  if (type !== "inner" && type !== "left") throw new OptionError("asOfJoin: type", type, '"inner" or "left"');
  if (direction !== "before" && direction !== "after") {
    throw new OptionError("asOfJoin: direction", direction, '"before" or "after"');
  }
  if (typeof strict !== "boolean") throw new OptionError("asOfJoin: strict", strict, "true or false");
  for (const [name, each] of Object.entries({ leftTime, rightTime, ties })) {
    checkPlainFunction(`asOfJoin: ${name}`, each);
  }
  const settings = { type, direction, strict, ties: checkedOrder("asOfJoin: ties", ties) };
  const made = rowMaker("asOfJoin", result);
  const times = [timesOf("leftTime", leftTime), timesOf("rightTime", rightTime)] as const;
  return tableOperator("as-of-join", () => {
    return new AsOfJoin({ ...settings, result: made } as NearestRowsOptions<unknown, unknown, unknown>, times);
  });
}

type TimeOf = (row: unknown) => number;

function timesOf<R>(name: string, time: (row: R) => number | Date): TimeOf {
  return (row) => {
    const found: unknown = time(row as R);
    const at = typeof found === "number" || found instanceof Date ? Number(found) : Number.NaN;
    if (Number.isFinite(at)) return at;
    throw new RowTimeError(
      `asOfJoin: ${name}: expected a finite number or a Date, got ${printValue(found)} for ${printValue(row)}`,
    );
  };
}

class AsOfJoin implements ProcessOperator<GroupedChange, GroupedChange> {
  readonly #options: NearestRowsOptions<unknown, unknown, unknown>;
  readonly #times: readonly [left: TimeOf, right: TimeOf];
  readonly #nearest = new DerivedByKey<NearestRows<unknown, unknown, unknown>>();

  constructor(options: NearestRowsOptions<unknown, unknown, unknown>, times: readonly [left: TimeOf, right: TimeOf]) {
    this.#options = options;
    this.#times = times;
  }

  onEvent({ change }: GroupedChange, context: ProcessContext<GroupedChange>): void {
    const isLeft = context.input === 0;
    const lefts = context.state.map<Key, TimedRow<unknown>>("left");
    const rights = context.state.map<Key, TimedRow<unknown>>("right");
    const rows = isLeft ? lefts : rights;
    const { key } = change;
    const before = rows.get(key);
    const row = rowAfter(change);
    const after = row === undefined ? undefined : { row, time: this.#times[isLeft ? 0 : 1](row) };
    if (before === undefined && after === undefined) return;
    const make = () => new NearestRows(this.#options, lefts.all(), rights.all());
    const changes: readonly Change[] = this.#nearest.use(context.key!, make, (nearest) => {
      return isLeft ? nearest.replaceLeft(key, before, after) : nearest.replaceRight(key, before, after);
    });
    if (after === undefined) rows.delete(key);
    else rows.set(key, after);
    if (lefts.size + rights.size === 0) this.#nearest.forget(context.key!);
    for (const shown of changes) context.emit({ group: context.key!, change: shown });
  }
}
