import { describe, expect, it } from "vitest";
import { median, pairedRatio, percentile } from "./statistics.ts";

describe("median", () => {
  it("is the middle of an odd number of values, compared as numbers", () => {
    expect(median([100, 9, 20])).toBe(20);
  });

  it("is the mean of the two in the middle of an even number of values", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it("leaves its input as it was", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it("refuses an empty sample", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("percentile", () => {
  const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it("takes the nearest rank", () => {
    expect(percentile(oneToHundred, 50)).toBe(50);
    expect(percentile(oneToHundred, 99)).toBe(99);
    expect(percentile(oneToHundred, 100)).toBe(100);
  });

  it("of a single value is that value", () => {
    expect(percentile([7], 1)).toBe(7);
    expect(percentile([7], 99)).toBe(7);
  });
});

describe("paired ratio", () => {
  it("compares round with round, so a slow moment of the machine cancels out", () => {
    expect(pairedRatio([20, 2, 20], [10, 1, 10])).toBe(2);
  });

  it("refuses a base with fewer rounds", () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow(RangeError);
  });
});
