import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

/** Takes tokens as fast as they come, `count` of them, and returns when each was taken. */
function takeAll(bucket: TokenBucket, count: number, startMs = 0): number[] {
  const takenAt: number[] = [];
  for (let nowMs = startMs; takenAt.length < count; ) {
    const waitMs = bucket.waitMs(nowMs);
    if (waitMs > 0) nowMs += waitMs;
    else {
      bucket.take(nowMs);
      takenAt.push(nowMs);
    }
  }
  return takenAt;
}

test("gives a burst at once and then one token after the other", () => {
  expect(takeAll(new TokenBucket(2, 1_000, 3), 6, 40)).toEqual([40, 40, 40, 540, 1_040, 1_540]);
});

test("does not drift when the interval between tokens is no whole number", () => {
  expect(takeAll(new TokenBucket(3, 1_000, 2), 3_002).at(-1)).toBe(1_000_000);
});

test("fills up again during a rest, up to its burst", () => {
  const bucket = new TokenBucket(1, 100, 2);
  takeAll(bucket, 2, 0);

  expect(takeAll(bucket, 3, 250)).toEqual([250, 250, 350]);
});

test("fills up partly during a short rest", () => {
  const bucket = new TokenBucket(1, 100, 3);
  takeAll(bucket, 3, 0);

  expect(takeAll(bucket, 3, 150)).toEqual([150, 200, 300]);
});

describe("whatever the rests", () => {
  const settings = fc.record({
    count: fc.integer({ min: 1, max: 50 }),
    intervalMs: fc.integer({ min: 1, max: 2_000 }),
    burst: fc.integer({ min: 1, max: 20 }),
    rests: fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 60 }),
  });

  test("no span of time lets through more than the rate and the burst", () => {
    fc.assert(
      fc.property(settings, ({ count, intervalMs, burst, rests }) => {
        const bucket = new TokenBucket(count, intervalMs, burst);
        const takenAt: number[] = [];
        for (const restMs of rests) takenAt.push(...takeAll(bucket, 3, (takenAt.at(-1) ?? 0) + restMs));

        for (const [first, startMs] of takenAt.entries()) {
          for (let last = first; last < takenAt.length; last += 1) {
            const allowed = burst + ((takenAt[last]! - startMs) * count) / intervalMs;
            expect(last - first + 1).toBeLessThanOrEqual(allowed + 1e-6);
          }
        }
      }),
      { seed: 1 },
    );
  });

  test("the wait it says is enough, and a ms less is not", () => {
    fc.assert(
      fc.property(settings, ({ count, intervalMs, burst, rests }) => {
        const bucket = new TokenBucket(count, intervalMs, burst);
        let nowMs = 0;
        for (const restMs of rests) {
          nowMs += restMs;
          const waitMs = bucket.waitMs(nowMs);
          if (waitMs > 0) expect(bucket.waitMs(nowMs + waitMs - 1)).toBe(1);
          nowMs += waitMs;
          expect(bucket.waitMs(nowMs)).toBe(0);
          bucket.take(nowMs);
        }
      }),
      { seed: 1 },
    );
  });
});

test("asserts that no token is taken that is not there", () => {
  const bucket = new TokenBucket(1, 100, 1);
  bucket.take(0);

  expect(() => bucket.take(99)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
});
