/** topRows and firstRows: which rows of each group of a table come first, kept up to date (ranked-rows.ts). */

import { OptionError, wholeNumber } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { topRanksMax } from "../limits.ts";
import type { OperatorSpec } from "../operator.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import { type Change, changeBetween, rowAfter } from "./change.ts";
import { type ArrivedRow, RankedRows, type RankedRowsOptions, type Ranking } from "./ranked-rows.ts";
import type { GroupedChange } from "./regroup.ts";
import { type CompareRows, checkedOrder } from "./row-order.ts";
import { DerivedByKey, rowMaker, tableOperator } from "./table-operator.ts";

export interface TopRowsOptions<R> {
  /** Which of two rows comes first, as for sorting an array. */
  readonly order: CompareRows<R>;
  /** How tied rows are numbered. Default "row-number": in the order in which they came. */
  readonly ranking?: Ranking;
  /** Ranks to leave out before the first that is shown. Default 0. */
  readonly offset?: number;
}

/**
 * The rows of the first `count` ranks of each group. Takes `GroupedChange`s by group, emits them with the changes of what is
 * shown.
 *
 * @param result what is shown of a row with its rank, which starts at 1
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function topRows<R, U>(
  count: number,
  options: TopRowsOptions<R>,
  result: (row: R, rank: number) => U | null | undefined,
): OperatorSpec {
  const { order, ranking = "row-number", offset = 0 } = options;
  checkPlainFunction("topN: order", order);
  wholeNumber("topN: count", count, 1, topRanksMax);
  wholeNumber("topN: offset", offset, 0, topRanksMax);
  if (ranking !== "row-number" && ranking !== "rank" && ranking !== "dense-rank") {
    throw new OptionError("topN: ranking", ranking, '"row-number", "rank" or "dense-rank"');
  }
  const settings = { count, offset, ranking, order: checkedOrder("topN: order", order) };
  const made = rowMaker("topN: result", result);
  return tableOperator("top-n", () => {
    return new TopRows({ ...settings, result: made } as RankedRowsOptions<unknown, unknown>, (context, changes) => {
      for (const change of changes) context.emit({ group: context.key!, change });
    });
  });
}

/**
 * The first row of each group by `order`, of tied ones the one that came first. Takes `GroupedChange`s by group, emits changes
 * of a table with a row for each group.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION
 */
export function firstRows<R>(order: CompareRows<R>): OperatorSpec {
  checkPlainFunction("distinctOn: order", order);
  const settings: RankedRowsOptions<R, R> = {
    count: 1,
    offset: 0,
    ranking: "row-number",
    order: checkedOrder("distinctOn: order", order),
    result: (row) => row,
  };
  return tableOperator("distinct-on", () => {
    return new TopRows(settings as RankedRowsOptions<unknown, unknown>, (context, _, before, after) => {
      const change = changeBetween(context.key!, before, after);
      if (change !== undefined) context.emit(change);
    });
  });
}

/** What comes out of it: changes of what is shown, and the first row that was and is shown. */
type Show = (context: ProcessContext, changes: readonly Change[], before: unknown, after: unknown) => void;

class TopRows implements ProcessOperator<GroupedChange> {
  readonly #options: RankedRowsOptions<unknown, unknown>;
  readonly #show: Show;
  readonly #ranked = new DerivedByKey<RankedRows<unknown, unknown>>();

  constructor(options: RankedRowsOptions<unknown, unknown>, show: Show) {
    this.#options = options;
    this.#show = show;
  }

  onEvent({ change }: GroupedChange, context: ProcessContext): void {
    const rows = context.state.map<Key, ArrivedRow<unknown>>("rows");
    const before = rows.get(change.key);
    const row = rowAfter(change);
    if (before === undefined && row === undefined) return;
    const make = () => new RankedRows(this.#options, rows.all());
    this.#ranked.use(context.key!, make, (ranked) => {
      const first = ranked.first;
      const after = row === undefined ? undefined : ranked.arrived(row, before);
      const changes = ranked.replace(change.key, before, after);
      if (after === undefined) rows.delete(change.key);
      else rows.set(change.key, after);
      if (ranked.isEmpty) this.#ranked.forget(context.key!);
      this.#show(context, changes, first, ranked.first);
    });
  }
}
