/** The few statistics a report needs. All of them refuse an empty sample: a figure of nothing is a mistake upstream. */

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: Iterable<number>): number {
  const sorted = ascending(values);
  const upper = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, upper) : (at(sorted, upper - 1) + at(sorted, upper)) / 2;
}

/** The smallest value that is not below `percent` percent of the values (nearest rank); `percent` in (0, 100]. */
export function percentile(values: Iterable<number>, percent: number): number {
  const sorted = ascending(values);
  return at(sorted, Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1));
}

/**
 * How many times faster than the base, round against round: the median of the ratios, not the ratio of the medians.
 * Neighbouring rounds share what else the machine was doing, so that cancels out.
 */
export function pairedRatio(rates: readonly number[], baseRates: readonly number[]): number {
  return median(rates.map((rate, round) => rate / at(baseRates, round)));
}

function ascending(values: Iterable<number>): Float64Array {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) throw new RangeError("expected at least one value, got none");
  return sorted;
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`expected a value at ${index} of ${values.length}`);
  return value;
}
