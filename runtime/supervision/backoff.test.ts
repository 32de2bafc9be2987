import fc from "fast-check";
import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

const settings = { minMs: 10, maxMs: 100, factor: 2, jitter: 0, resetAfterMs: 1_000 };

test("restarts at once, then waits longer each time, up to the limit", () => {
  const backoff = new Backoff(settings);

  const delaysMs = Array.from({ length: 7 }, () => backoff.next(0, 0.5));

  expect(delaysMs).toEqual([0, 10, 20, 40, 80, 100, 100]);
});

test("begins again after a quiet period that counts from the restart, not from the failure", () => {
  const backoff = new Backoff(settings);
  backoff.next(0, 0.5);
  backoff.next(0, 0.5);

  expect(backoff.next(1_009, 0.5)).toBe(20);
  expect(backoff.next(1_029 + 1_000, 0.5)).toBe(0);
});

test("spreads the wait by the random number", () => {
  const delayMs = (random: number) => {
    const backoff = new Backoff({ ...settings, jitter: 0.2 });
    backoff.next(0, 0);
    return backoff.next(0, random);
  };

  expect([delayMs(0), delayMs(0.5), delayMs(0.75)]).toEqual([8, 10, 11]);
});

test("stays within its limits however many restarts follow each other", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 2_000 }),
      (randoms) => {
        const backoff = new Backoff({ ...settings, jitter: 1 });

        for (const random of randoms) {
          const delayMs = backoff.next(0, random);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(settings.maxMs);
        }
      },
    ),
  );
});
