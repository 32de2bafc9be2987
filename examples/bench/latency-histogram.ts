/**
 * LatencyHistogram: how often each latency was seen, in µs, in bounded memory. Buckets are linear within each power of two, 128 of
 * them, so a percentile is at most 1/128 above the true one: the layout of HdrHistogram (Gil Tene). What threads and rounds recorded
 * can be put together, which percentiles cannot.
 */

/** What a histogram has recorded, as plain data. */
export interface RecordedLatencies {
  /** By bucket, up to the last one that is not empty. */
  readonly counts: readonly number[];
  readonly maxUs: number;
}

const bits = 7;
const linear = 1 << bits;
/** Latencies from here on are counted in the last bucket: 35 minutes. */
const usMax = 2 ** 31 - 1;
const bucketCount = bucketOf(usMax) + 1;

export class LatencyHistogram {
  readonly #counts = new Float64Array(bucketCount);
  #count = 0;
  #maxUs = 0;

  get count(): number {
    return this.#count;
  }

  /** Exact, not that of a bucket; 0 when nothing was recorded. */
  get maxUs(): number {
    return this.#maxUs;
  }

  /** A latency below 0 counts as 0: clocks of two threads may differ by a little. */
  record(us: number): void {
    const bucket = bucketOf(Math.min(usMax, Math.max(0, us)));
    this.#counts[bucket]! += 1;
    this.#count += 1;
    if (us > this.#maxUs) this.#maxUs = us;
  }

  add({ counts, maxUs }: RecordedLatencies): void {
    for (const [bucket, count] of counts.entries()) {
      this.#counts[bucket]! += count;
      this.#count += count;
    }
    this.#maxUs = Math.max(this.#maxUs, maxUs);
  }

  /**
   * The upper end of the bucket of the smallest latency that is not below `percent` percent of them (nearest rank), never above the
   * highest one.
   *
   * @throws RangeError when nothing was recorded
   */
  percentileUs(percent: number): number {
    if (this.#count === 0) throw new RangeError("expected at least one latency, got none");
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    const bucket = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= rank;
    });
    return Math.min(this.#maxUs, upperEndUs(bucket));
  }

  toRecorded(): RecordedLatencies {
    const last = this.#counts.findLastIndex((count) => count > 0);
    return { counts: Array.from(this.#counts.subarray(0, last + 1)), maxUs: this.#maxUs };
  }
}

function bucketOf(us: number): number {
  const whole = Math.floor(us);
  if (whole < linear) return whole;
  const shift = 31 - Math.clz32(whole) - bits;
  return linear * (shift + 1) + ((whole >>> shift) - linear);
}

function upperEndUs(bucket: number): number {
  if (bucket < linear) return bucket + 1;
  const shift = Math.floor(bucket / linear) - 1;
  return ((bucket % linear) + linear + 1) * 2 ** shift;
}
