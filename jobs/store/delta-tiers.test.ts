import fc from "fast-check";
import { expect, test } from "vitest";
import { deltasPerTier } from "../limits.ts";
import { mergedFrom } from "./delta-tiers.ts";

/** Appends deltas one by one, and merges as it is told; nothing of one delta is in another. */
function kept(appended: readonly number[]) {
  const lengths: number[] = [];
  let bytesMerged = 0;
  for (const length of appended) {
    lengths.push(length);
    const from = mergedFrom(lengths);
    if (from === undefined) continue;
    const merged = lengths.splice(from).reduce((sum, each) => sum + each, 0);
    bytesMerged += merged;
    lengths.push(merged);
  }
  return { lengths, bytesMerged };
}

test("deltas of one size wait for each other until their tier is full", () => {
  const bottom = 1_000_000;

  expect(kept([bottom, ...Array(deltasPerTier - 1).fill(10)]).lengths).toEqual([
    bottom,
    ...Array(deltasPerTier - 1).fill(10),
  ]);
  expect(kept([bottom, ...Array(deltasPerTier).fill(10)]).lengths).toEqual([bottom, 10 * deltasPerTier]);
  expect(kept([bottom, ...Array(deltasPerTier ** 2).fill(10)]).lengths).toEqual([bottom, 10 * deltasPerTier ** 2]);
});

test("all become one when there are so many, and twice as much has changed as there is at the bottom", () => {
  const above = Array(deltasPerTier - 1).fill(100);

  expect(mergedFrom([100, ...above])).toBeUndefined();
  expect(mergedFrom([400, ...above, 100])).toBe(0);
  expect(mergedFrom([401, ...above, 100])).toBe(1);
  expect(mergedFrom([100_000, ...above, 100])).toBe(1);
});

test("there are few deltas, and little is written again, whatever their sizes are", () => {
  const sizes = fc.array(fc.oneof(fc.nat(100), fc.nat(1_000_000)), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(sizes, (appended) => {
      const { lengths, bytesMerged } = kept(appended);
      const total = appended.reduce((sum, length) => sum + length, 0);
      const tierCount = Math.ceil(Math.log(total + 1) / Math.log(deltasPerTier)) + 1;
      const [bottom = 0, ...others] = lengths;

      // T1, T2
      if (others.length >= deltasPerTier) {
        expect(others.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(2 * bottom);
      }
      expect(lengths.length).toBeLessThanOrEqual(deltasPerTier * tierCount);
      expect(bytesMerged).toBeLessThanOrEqual(total * (tierCount + 2));
    }),
    { seed: 1, numRuns: 300 },
  );
});
