/**
 * QuantileSketch: quantiles of many numbers to within a relative error, in little memory. DDSketch, by C. Masson, J. E. Rim and
 * H. K. Lee (PVLDB 12, 2019): numbers are counted in bins whose bounds grow by one factor, so that the middle of a bin is near to
 * all that is in it.
 *
 * Invariants
 *  Q1  a quantile is off by at most the accuracy, relative to the number at its rank, as long as Q3 did not strike.
 *  Q2  the sketch of merged sketches is that of all their numbers, and a number that is taken out leaves no trace.
 *  Q3  positive and negative numbers have at most `quantileBinsMax` bins each; with more, the bins nearest to zero become one.
 */

import { quantileBinsMax } from "../limits.ts";

/** Plain data. */
export interface QuantileSketch {
  zeros: number;
  readonly positive: Bins;
  readonly negative: Bins;
}

/** `counts[i]` numbers have a magnitude in bin `first + i`. */
interface Bins {
  first: number;
  total: number;
  counts: number[];
}

export function emptySketch(): QuantileSketch {
  return { zeros: 0, positive: emptyBins(), negative: emptyBins() };
}

/** What maps numbers to bins; sketches of one accuracy can be merged. */
export class QuantileBins {
  readonly #factor: number;
  readonly #scale: number;

  /** @param accuracy the relative error, between 0 and 1 */
  constructor(accuracy: number) {
    this.#factor = (1 + accuracy) / (1 - accuracy);
    this.#scale = 1 / Math.log(this.#factor);
  }

  put(sketch: QuantileSketch, value: number, times: number): void {
    const magnitude = Math.abs(value);
    if (magnitude < smallest) sketch.zeros += times;
    else countIn(value > 0 ? sketch.positive : sketch.negative, this.#binOf(magnitude), times);
  }

  /** The number at the rank `quantile * (count - 1)`, rounded down, to within the accuracy. */
  quantile({ zeros, positive, negative }: QuantileSketch, quantile: number): number {
    const rank = Math.floor(quantile * (zeros + positive.total + negative.total - 1));
    if (rank < negative.total) return -this.#middleOf(binAt(negative, negative.total - 1 - rank));
    if (rank < negative.total + zeros) return 0;
    return this.#middleOf(binAt(positive, rank - negative.total - zeros));
  }

  #binOf(magnitude: number): number {
    return Math.ceil(Math.log(magnitude) * this.#scale);
  }

  /** Equally far, relative to both, from the bounds of the bin. */
  #middleOf(bin: number): number {
    return Math.min(Number.MAX_VALUE, (2 * Math.exp(bin / this.#scale)) / (1 + this.#factor));
  }
}

export function mergeSketch(into: QuantileSketch, from: QuantileSketch): QuantileSketch {
  into.zeros += from.zeros;
  mergeBins(into.positive, from.positive);
  mergeBins(into.negative, from.negative);
  return into;
}

/** Smaller magnitudes count as zero: doubles have no full precision there. */
const smallest = 2 ** -1022;

function emptyBins(): Bins {
  return { first: 0, total: 0, counts: [] };
}

function mergeBins(into: Bins, from: Bins): void {
  // From the top, so that what the bins nearest to zero become is settled by the first one.
  for (let index = from.counts.length - 1; index >= 0; index -= 1) {
    const times = from.counts[index]!;
    if (times !== 0) countIn(into, from.first + index, times);
  }
}

function countIn(bins: Bins, bin: number, times: number): void {
  bins.total += times;
  if (bins.counts.length === 0) bins.first = bin;
  if (bin < bins.first) extendDown(bins, bin);
  else if (bin >= bins.first + bins.counts.length) extendUp(bins, bin);
  bins.counts[Math.max(0, bin - bins.first)]! += times;
}

function extendDown(bins: Bins, bin: number): void {
  const last = bins.first + bins.counts.length - 1;
  const missing = bins.first - Math.max(bin, last - quantileBinsMax + 1);
  bins.counts.unshift(...Array.from({ length: missing }, () => 0));
  bins.first -= missing;
}

function extendUp(bins: Bins, bin: number): void {
  const first = Math.max(bins.first, bin - quantileBinsMax + 1);
  const collapsed = bins.counts.splice(0, first - bins.first).reduce((total, times) => total + times, 0);
  bins.first = first;
  while (bins.first + bins.counts.length <= bin) bins.counts.push(0);
  bins.counts[0]! += collapsed;
}

/** The bin with the number of that rank among its magnitudes, smallest first. */
function binAt({ first, counts }: Bins, rank: number): number {
  let before = 0;
  for (let index = 0; index < counts.length; index += 1) {
    before += counts[index]!;
    if (before > rank) return first + index;
  }
  return first + counts.length - 1;
}
