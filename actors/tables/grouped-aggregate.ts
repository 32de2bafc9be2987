/**
 * groupedAggregate: an aggregate of the rows of each group of a table, kept up to date when rows come, change and go. Of an
 * aggregate that takes rows back only the accumulator is kept; otherwise all rows are (aggregate-blocks.ts). A group without
 * rows has no result, and neither has one whose result is null.
 *
 * Rows have no event time of their own: aggregates that pick by time take them in the order in which they came.
 */

import { type Aggregate, checkAggregate } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import type { OperatorSpec } from "../operator.ts";
import type { ProcessOperator } from "../operators/process.ts";
import type { ProcessContext } from "../operators/process-context.ts";
import type { ValueState } from "../state/operator-state.ts";
import { AggregateBlocks } from "./aggregate-blocks.ts";
import { type Change, changeBetween, rowAfter, rowBefore } from "./change.ts";
import type { GroupedChange } from "./regroup.ts";
import { DerivedByKey, tableOperator } from "./table-operator.ts";

/**
 * Takes `GroupedChange`s by group, emits changes of a table with a row for each group: the result of the aggregate.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION for what is no aggregate
 */
export function groupedAggregate<R, A, U>(aggregate: Aggregate<R, A, U>): OperatorSpec {
  checkAggregate("aggregate", aggregate);
  const one = aggregate as Aggregate<unknown, unknown, unknown>;
  return tableOperator("aggregate", () => {
    return one.remove === undefined ? new KeptRows(one) : new Running(one, one.remove.bind(one));
  });
}

interface Sum {
  readonly accumulator: unknown;
  readonly rowCount: number;
}

class Running implements ProcessOperator<GroupedChange, Change> {
  readonly #aggregate: Aggregate<unknown, unknown, unknown>;
  readonly #remove: (accumulator: unknown, row: unknown) => unknown;
  #sum!: ValueState<Sum>;

  constructor(
    aggregate: Aggregate<unknown, unknown, unknown>,
    remove: (accumulator: unknown, row: unknown) => unknown,
  ) {
    this.#aggregate = aggregate;
    this.#remove = remove;
  }

  open({ state }: ProcessContext): void {
    this.#sum = state.value("sum");
  }

  onEvent({ change }: GroupedChange, context: ProcessContext<Change>): void {
    const aggregate = this.#aggregate;
    const sum = this.#sum;
    const kept = sum.get();
    const before = rowBefore(change);
    const after = rowAfter(change);
    const shown = kept === undefined ? undefined : (aggregate.finish(kept.accumulator) ?? undefined);
    let accumulator = kept?.accumulator ?? aggregate.create();
    let rowCount = kept?.rowCount ?? 0;
    // First what may be refused (A3).
    if (after !== undefined) {
      accumulator = aggregate.add(accumulator, after);
      rowCount += 1;
    }
    if (before !== undefined && rowCount > 0) {
      accumulator = this.#remove(accumulator, before);
      rowCount -= 1;
    }
    if (rowCount === 0) sum.clear();
    else sum.set({ accumulator, rowCount });
    emit(context, shown, rowCount === 0 ? undefined : (aggregate.finish(accumulator) ?? undefined));
  }
}

class KeptRows implements ProcessOperator<GroupedChange, Change> {
  readonly #aggregate: Aggregate<unknown, unknown, unknown>;
  readonly #blocks = new DerivedByKey<AggregateBlocks<unknown, unknown>>();

  constructor(aggregate: Aggregate<unknown, unknown, unknown>) {
    this.#aggregate = aggregate;
  }

  onEvent({ change }: GroupedChange, context: ProcessContext<Change>): void {
    const rows = context.state.map<Key, unknown>("rows");
    const group = context.key!;
    const after = rowAfter(change);
    if (after === undefined && !rows.has(change.key)) return;
    const make = () => new AggregateBlocks(this.#aggregate, rows.all());
    const [shown, now] = this.#blocks.use(group, make, (blocks) => {
      const total = this.#result(blocks);
      blocks.set(change.key, after);
      return [total, this.#result(blocks)];
    });
    if (after === undefined) rows.delete(change.key);
    else rows.set(change.key, after);
    if (rows.size === 0) this.#blocks.forget(group);
    emit(context, shown, now);
  }

  #result({ total }: AggregateBlocks<unknown, unknown>): unknown {
    return total === undefined ? undefined : (this.#aggregate.finish(total) ?? undefined);
  }
}

function emit(context: ProcessContext<Change>, before: unknown, after: unknown): void {
  const change = changeBetween(context.key!, before, after);
  if (change !== undefined) context.emit(change);
}
