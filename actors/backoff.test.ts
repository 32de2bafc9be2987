import fc from "fast-check";
import { expect, test } from "vitest";
import { backoffDelayMs, checkBackoff } from "./backoff.ts";

const backoff = { delayMs: 100, delayMsMax: 1_000 };

test("doubles with each failure, up to its maximum, half of it left to chance", () => {
  const least = [1, 2, 3, 4, 5, 6, 1_000].map((failure) => backoffDelayMs(backoff, failure, 0));
  expect(least).toEqual([50, 100, 200, 400, 500, 500, 500]);
  expect(backoffDelayMs(backoff, 2, 0.5)).toBe(150);
});

test("stays between half of the full delay and the full delay", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), random, (failure, chance) => {
      const fullMs = Math.min(1_000, 100 * 2 ** (failure - 1));
      const delayMs = backoffDelayMs(backoff, failure, chance);
      expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2);
      expect(delayMs).toBeLessThanOrEqual(fullMs);
    }),
  );
});

test("refuses a maximum below the first delay, naming it", () => {
  expect(checkBackoff("retry", "1s", "2s")).toEqual({ delayMs: 1_000, delayMsMax: 2_000 });
  const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining("retry.delayMax") };
  expect(() => checkBackoff("retry", "3s", "2s")).toThrow(expect.objectContaining(expected));
});
