/** count, sum and mean: totals, which can be merged and undone. Sums are of doubles: beyond 2^53 they are rounded. */

import { type Aggregate, numbersOf, SelectingAggregate } from "./aggregate.ts";

/** How many events there are. */
export function count(): Aggregate<unknown, number, number> {
  return new SelectingAggregate({
    kind: "count",
    select: () => undefined,
    create: () => 0,
    put: (total, _none: undefined) => total + 1,
    merge: (into, from) => into + from,
    take: (total) => total - 1,
    finish: (total) => total,
    takesNothing: true,
  });
}

/**
 * The sum of what `select` returns.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event fails with ERR_ACT_AGGREGATE_VALUE for what is no finite number
 */
export function sum<E>(select: (event: E) => number): Aggregate<E, number, number> {
  return new SelectingAggregate({
    kind: "sum",
    select: numbersOf("sum", select),
    create: () => 0,
    put: (total, value: number) => total + value,
    merge: (into, from) => into + from,
    take: (total, value: number) => total - value,
    finish: (total) => total,
  });
}

export interface MeanState {
  count: number;
  total: number;
}

/** The mean of what `select` returns. Throws like `sum`. */
export function mean<E>(select: (event: E) => number): Aggregate<E, MeanState, number> {
  return new SelectingAggregate({
    kind: "mean",
    select: numbersOf("mean", select),
    create: (): MeanState => ({ count: 0, total: 0 }),
    put: (state, value: number) => changed(state, 1, value),
    merge: (into, from) => changed(into, from.count, from.total),
    take: (state, value: number) => changed(state, -1, -value),
    finish: ({ count, total }) => total / count,
  });
}

function changed(state: MeanState, count: number, total: number): MeanState {
  state.count += count;
  state.total += total;
  return state;
}
