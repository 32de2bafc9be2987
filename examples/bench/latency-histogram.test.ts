import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LatencyHistogram } from "./latency-histogram.ts";
import { percentile } from "./statistics.ts";

function recording(latenciesUs: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const us of latenciesUs) histogram.record(us);
  return histogram;
}

const latency = fc.double({ min: 0, max: 1e9, noNaN: true });

describe("latency histogram", () => {
  it("is never below the true percentile, and above it by 1/128 or one microsecond at most", () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1 }), fc.constantFrom(1, 50, 99, 99.99, 100), (values, percent) => {
        const exact = percentile(values, percent);
        const found = recording(values).percentileUs(percent);

        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found - exact).toBeLessThanOrEqual(Math.max(1, exact / 128));
      }),
    );
  });

  it("put together from two is as if one had recorded everything", () => {
    fc.assert(
      fc.property(fc.array(latency), fc.array(latency), (one, other) => {
        const together = recording(one);
        together.add(recording(other).toRecorded());

        expect(together.toRecorded()).toEqual(recording([...one, ...other]).toRecorded());
        expect(together.count).toBe(one.length + other.length);
      }),
    );
  });

  it("keeps the highest latency as it was, and counts one below 0 as 0", () => {
    const histogram = recording([-3, 1_234_567.25]);

    expect(histogram.maxUs).toBe(1_234_567.25);
    expect(histogram.percentileUs(50)).toBe(1);
    expect(histogram.percentileUs(100)).toBe(1_234_567.25);
  });

  it("counts what is longer than it can tell apart, too", () => {
    expect(recording([1e12]).count).toBe(1);
    expect(recording([1e12]).percentileUs(50)).toBe(2 ** 31);
  });

  it("has no percentile of nothing", () => {
    expect(() => new LatencyHistogram().percentileUs(50)).toThrow(RangeError);
  });
});
