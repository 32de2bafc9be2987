import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstWatermark, lastWatermark, type Watermark } from "./watermark.ts";
import { WatermarkMerge } from "./watermark-merge.ts";

const at = (time: number, isIdle = false): Watermark => ({ time, isIdle });
const inputs = (count: number) => new WatermarkMerge(Array.from({ length: count }, () => firstWatermark));

describe("the watermark of several inputs", () => {
  test("is the lowest of them, and nothing before all have said something", () => {
    const merge = inputs(2);

    expect(merge.advance(0, at(10))).toBeUndefined();
    expect(merge.advance(1, at(4))).toEqual(at(4));
    expect(merge.advance(1, at(20))).toEqual(at(10));
  });

  test("is not held up by an idle input, and does not go back when that is active again behind it", () => {
    const merge = inputs(2);
    merge.advance(0, at(10));

    expect(merge.advance(1, at(3, true))).toEqual(at(10));
    expect(merge.advance(1, at(5))).toBeUndefined();
    expect(merge.advance(0, at(30))).toBeUndefined();
    expect(merge.advance(1, at(12))).toEqual(at(12));
  });

  test("is the highest when all are idle, whichever fell idle first, and that it is idle is told", () => {
    for (const [first, second] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const merge = inputs(2);
      merge.advance(0, at(10));
      merge.advance(1, at(7));
      merge.advance(first, at(first === 0 ? 10 : 7, true));
      merge.advance(second, at(second === 0 ? 10 : 7, true));

      expect(merge.merged).toEqual(at(10, true));
    }
  });

  test("is active again as soon as one input is", () => {
    const merge = inputs(2);
    merge.advance(0, at(10, true));
    merge.advance(1, at(7, true));

    expect(merge.advance(1, at(7))).toEqual(at(10));
  });

  test("leaves inputs out that have ended, and is over when all have", () => {
    const merge = inputs(2);
    merge.advance(0, at(5));

    expect(merge.advance(1, lastWatermark)).toEqual(at(5));
    expect(merge.advance(0, at(6, true))).toEqual(at(6, true));
    expect(merge.advance(0, lastWatermark)).toEqual(lastWatermark);
  });

  test("never goes back, whatever comes, and is never behind an input that is not idle", () => {
    const step = fc.record({ input: fc.nat(2), time: fc.integer(), isIdle: fc.boolean(), reopens: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const merge = inputs(3);
        let before = merge.merged.time;
        for (const { input, time, isIdle, reopens } of steps) {
          if (reopens) merge.reopen(input, firstWatermark);
          const told = merge.advance(input, { time, isIdle });

          expect(merge.merged.time).toBeGreaterThanOrEqual(before);
          if (told !== undefined) expect(told).toBe(merge.merged);
          before = merge.merged.time;
        }
      }),
    );
  });
});
