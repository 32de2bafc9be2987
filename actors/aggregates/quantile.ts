/** quantile and quantiles: the number below which a part of the numbers lies, to within a relative error (quantile-sketch.ts). */

import { checkNames, OptionError } from "../../runtime/index.ts";
import { type Aggregate, numbersOf, SelectingAggregate } from "./aggregate.ts";
import { emptySketch, mergeSketch, QuantileBins, type QuantileSketch } from "./quantile-sketch.ts";

export interface QuantileOptions {
  /** How far a result may be off, relative to the number at its rank: from 0.001 to 0.5. Default 0.01. */
  readonly accuracy?: number;
}

/**
 * The number of the rank `quantile * (count - 1)`, rounded down, of what `select` returns: 0.5 for the median, 0.99 for what one
 * in a hundred exceeds.
 *
 * @param quantile from 0 to 1
 * @throws ERR_RT_OPTION, ERR_ACT_ASYNC_FUNCTION; an event fails with ERR_ACT_AGGREGATE_VALUE for what is no finite number
 */
export function quantile<E>(
  quantile: number,
  select: (event: E) => number,
  options: QuantileOptions = {},
): Aggregate<E, QuantileSketch, number> {
  checkQuantile("quantile", quantile);
  return sketching("quantile", select, options, (bins, sketch) => bins.quantile(sketch, quantile));
}

/** Several of one sketch, in the order given. Throws like `quantile`. */
export function quantiles<E, const Q extends readonly number[]>(
  quantiles: Q,
  select: (event: E) => number,
  options: QuantileOptions = {},
): Aggregate<E, QuantileSketch, { -readonly [I in keyof Q]: number }> {
  if (!Array.isArray(quantiles) || quantiles.length === 0) {
    throw new OptionError("quantiles", quantiles, "an array of numbers from 0 to 1");
  }
  for (const [index, quantile] of quantiles.entries()) checkQuantile(`quantiles[${index}]`, quantile);
  const asked: Q = [...quantiles] as unknown as Q;
  return sketching("quantiles", select, options, (bins, sketch) => {
    return asked.map((quantile) => bins.quantile(sketch, quantile)) as { -readonly [I in keyof Q]: number };
  });
}

function sketching<E, R>(
  what: string,
  select: (event: E) => number,
  options: QuantileOptions,
  finish: (bins: QuantileBins, sketch: QuantileSketch) => R,
): Aggregate<E, QuantileSketch, R> {
  checkNames(what, options, { accuracy: true });
  const { accuracy = 0.01 } = options;
  if (!(accuracy >= 0.001 && accuracy <= 0.5)) {
    throw new OptionError(`${what}: accuracy`, accuracy, "a number from 0.001 to 0.5");
  }
  const bins = new QuantileBins(accuracy);
  return new SelectingAggregate({
    kind: `quantiles to ${accuracy}`,
    select: numbersOf(what, select),
    create: emptySketch,
    put: (sketch, value: number) => {
      bins.put(sketch, value, 1);
      return sketch;
    },
    merge: mergeSketch,
    take: (sketch, value: number) => {
      bins.put(sketch, value, -1);
      return sketch;
    },
    finish: (sketch) => finish(bins, sketch),
  });
}

function checkQuantile(what: string, quantile: unknown): void {
  if (typeof quantile === "number" && quantile >= 0 && quantile <= 1) return;
  throw new OptionError(what, quantile, "a number from 0 to 1");
}
