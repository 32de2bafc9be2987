/**
 * variance and stddev, by Welford's method (B. P. Welford, 1962), merged by that of T. F. Chan, G. H. Golub and R. J. LeVeque
 * (1979): no difference of large sums, so that small spreads around large values are kept.
 */

import { checkNames, OptionError } from "../../runtime/index.ts";
import { type Aggregate, numbersOf, SelectingAggregate } from "./aggregate.ts";

export interface VarianceOptions {
  /** Whether the events are all there is, or a sample of it (divided by one less; NaN for a single event). Default "population". */
  readonly of?: "population" | "sample";
}

export interface VarianceState {
  count: number;
  mean: number;
  /** The sum of the squared distances from the mean. */
  squares: number;
}

/**
 * The variance of what `select` returns.
 *
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event fails with ERR_ACT_AGGREGATE_VALUE for what is no finite number
 */
export function variance<E>(
  select: (event: E) => number,
  options: VarianceOptions = {},
): Aggregate<E, VarianceState, number> {
  return spread("variance", select, options, (squares) => squares);
}

/** The standard deviation of what `select` returns. Throws like `variance`. */
export function stddev<E>(
  select: (event: E) => number,
  options: VarianceOptions = {},
): Aggregate<E, VarianceState, number> {
  return spread("stddev", select, options, Math.sqrt);
}

function spread<E>(
  what: string,
  select: (event: E) => number,
  options: VarianceOptions,
  result: (variance: number) => number,
): Aggregate<E, VarianceState, number> {
  checkNames(what, options, { of: true });
  const { of = "population" } = options;
  if (of !== "population" && of !== "sample") throw new OptionError(`${what}: of`, of, '"population" or "sample"');
  const less = of === "sample" ? 1 : 0;
  return new SelectingAggregate({
    kind: "variance",
    select: numbersOf(what, select),
    create: (): VarianceState => ({ count: 0, mean: 0, squares: 0 }),
    put,
    merge,
    take,
    finish: ({ count, squares }) => result(squares / (count - less)),
  });
}

function put(state: VarianceState, value: number): VarianceState {
  const before = value - state.mean;
  state.count += 1;
  state.mean += before / state.count;
  state.squares += before * (value - state.mean);
  return state;
}

function merge(into: VarianceState, from: VarianceState): VarianceState {
  if (from.count === 0) return into;
  const count = into.count + from.count;
  const apart = from.mean - into.mean;
  into.mean += (apart * from.count) / count;
  into.squares += from.squares + (apart * apart * into.count * from.count) / count;
  into.count = count;
  return into;
}

/** The steps of `put`, backwards. Rounding must not make a variance negative. */
function take(state: VarianceState, value: number): VarianceState {
  state.count -= 1;
  if (state.count === 0) return Object.assign(state, { mean: 0, squares: 0 });
  const after = value - state.mean;
  state.mean -= after / state.count;
  state.squares = Math.max(0, state.squares - after * (value - state.mean));
  return state;
}
