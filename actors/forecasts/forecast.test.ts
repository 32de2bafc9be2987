import { describe, expect, test } from "vitest";
import { seasonLengthMax } from "../limits.ts";
import type { OperatorSpec } from "../operator.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import { type Forecast, holtWinters, type SmoothOptions, smooth, type ZScoreOptions, zScore } from "./forecast.ts";
import type { HoltWintersOptions } from "./holt-winters.ts";

const open = (spec: OperatorSpec, options: OperatorHarnessOptions = {}) =>
  OperatorHarness.open<number, Forecast<number>>(spec, { guarantee: "exactly-once", ...options });

/** What comes of the values of a key, with a restart behind half of them. */
async function forecasts(spec: OperatorSpec, values: readonly number[], key = "k"): Promise<Forecast<number>[]> {
  const first = await open(spec);
  const half = values.length >> 1;
  first.feed(values.slice(0, half).map((value) => ({ key, value })));
  const second = await open(spec, { restore: { entries: await first.barrier(1), epoch: 1 } });
  second.feed(values.slice(half).map((value) => ({ key, value })));
  const all = [...first.values(), ...second.values()];
  await first.close();
  await second.close();
  return all;
}

const self = (value: number): number => value;

describe("smooth", () => {
  test("is Brown's recurrence: with half the weight on the newest value, by hand", async () => {
    const results = await forecasts(smooth(self, { alpha: 0.5 }), [4, 8, 6, 10]);

    // Levels 4, 6, 6, 8; variances 0, (16/2)/2 = 4, (4 + 0)/2 = 2.
    expect(results).toEqual([
      { key: "k", event: 4, value: 4, forecast: undefined, score: undefined, next: 4 },
      { key: "k", event: 8, value: 8, forecast: 4, score: undefined, next: 6 },
      { key: "k", event: 6, value: 6, forecast: 6, score: 0, next: 6 },
      { key: "k", event: 10, value: 10, forecast: 6, score: 4 / Math.sqrt(2), next: 8 },
    ]);
  });

  test("keeps the series of keys apart, and the event times of their events", async () => {
    const harness = await open(smooth(self, { alpha: 1 }));

    harness.feed([
      { key: "k", value: 1, time: 10 },
      { key: "l", value: 5, time: 20 },
      { key: "k", value: 2, time: 30 },
    ]);

    expect(harness.results().main).toMatchObject([
      { time: 10, value: { key: "k", next: 1 } },
      { time: 20, value: { key: "l", forecast: undefined, next: 5 } },
      { time: 30, value: { key: "k", forecast: 1, next: 2 } },
    ]);
    await harness.close();
  });

  test("a value that is no finite number is given up, and has taught nothing", async () => {
    const harness = await open(smooth(self, { alpha: 0.5 }));

    harness.feed([4, Number.NaN, 8].map((value) => ({ key: "k", value })));

    expect(harness.deadLetters).toMatchObject([{ error: { code: "ERR_ACT_AGGREGATE_VALUE" } }]);
    expect(harness.values().map(({ next }) => next)).toEqual([4, 6]);
    await harness.close();
  });
});

describe("zScore", () => {
  test("holds a value against mean and sample deviation of all before it, by hand", async () => {
    const results = await forecasts(zScore(self), [2, 4, 6, 4, 10]);

    // Means 2, 3, 4, 4; sums of squares 0, 2, 8, 8.
    expect(results.map(({ forecast }) => forecast)).toEqual([undefined, 2, 3, 4, 4]);
    expect(results.map(({ score }) => score)).toEqual([undefined, undefined, 3 / Math.SQRT2, 0, 6 / Math.sqrt(8 / 3)]);
    expect(results.at(-1)?.next).toBeCloseTo(5.2, 12);
  });

  test("with a half-life of one value, each weighs half of the one behind it", async () => {
    const results = await forecasts(zScore(self, { halfLife: 1 }), [4, 8, 6, 10]);

    expect(results.map(({ next }) => next)).toEqual([4, 6, 6, 8]);
    expect(results.at(-1)?.score).toBe(4 / Math.sqrt(2));
  });

  test("with a half-life it is the mean and variance with weights that halve, over a long series", async () => {
    const values = Array.from({ length: 60 }, (_, index) => ((index * 7919) % 101) / 10);
    const halfLife = 5;

    const results = await forecasts(zScore(self, { halfLife }), values);

    const before = values.slice(0, -1);
    // The first value carries the weight of all that never came before it.
    const rest = 1 - 2 ** (-1 / halfLife);
    const weights = before.map((_, index) => {
      const age = before.length - 1 - index;
      return (index === 0 ? 1 : rest) * 2 ** (-age / halfLife);
    });
    const weighted = (of: (value: number) => number): number =>
      before.reduce((sum, value, index) => sum + weights[index]! * of(value), 0);
    const mean = weighted(self);
    const variance = weighted((value) => (value - mean) ** 2);
    expect(results.at(-1)?.forecast).toBeCloseTo(mean, 9);
    expect(results.at(-1)?.score).toBeCloseTo((values.at(-1)! - mean) / Math.sqrt(variance), 9);
  });

  test("what never varied is off by infinitely much when it does", async () => {
    const results = await forecasts(zScore(self), [5, 5, 5, 6, 4]);

    expect(results.map(({ score }) => score)).toEqual([undefined, undefined, 0, Number.POSITIVE_INFINITY, -2.5]);
  });
});

describe("holtWinters", () => {
  const quarters: HoltWintersOptions = { season: 4, alpha: 0.5, beta: 0.25, gamma: 0.5 };

  test("is the recurrence with level, trend and season, worked out in fractions", async () => {
    const values = [10, 20, 30, 20, 14, 24, 34, 24, 18, 30, 36, 28, 40];

    const results = await forecasts(holtWinters(self, quarters), values);

    // All numbers are fractions of powers of two, so nothing is rounded.
    expect(results.map(({ forecast }) => forecast)).toEqual([
      ...Array.from({ length: 8 }, () => undefined),
      71_405 / 4_096,
      895_823 / 32_768,
      10_311_365 / 262_144,
      59_480_215 / 2_097_152,
      366_398_941 / 16_777_216,
    ]);
    const scores = results.slice(8).map(({ score }) => score!);
    for (const [index, expected] of [0.30979286, 1.96403264, -1.57895922, -0.12983102, 9.12517764].entries()) {
      expect(scores[index]).toBeCloseTo(expected, 7);
    }
    expect(results.slice(0, 8).every(({ score }) => score === undefined)).toBe(true);
    expect(results[6]?.next).toBe(undefined);
    expect(results[7]?.next).toBe(71_405 / 4_096);
  });

  const shape = [0, 6, -2, -4];

  test("a season that stays is forecast exactly, and what is off it then stands out", async () => {
    const values = Array.from({ length: 20 }, (_, index) => 100 + shape[index % 4]!);

    const results = await forecasts(holtWinters(self, quarters), [...values, 101]);

    const known = results.slice(8, 20);
    expect(known.map(({ forecast }) => forecast)).toEqual(values.slice(8));
    expect(known.every(({ score }) => score === 0)).toBe(true);
    expect(results.at(-1)).toMatchObject({ forecast: 100, score: Number.POSITIVE_INFINITY });
  });

  test("a straight line with a season is learned ever better", async () => {
    const values = Array.from({ length: 400 }, (_, index) => 100 + 2 * index + shape[index % 4]!);

    const results = await forecasts(holtWinters(self, quarters), values);

    const errors = results.slice(8).map(({ forecast, value }) => Math.abs(forecast! - value));
    expect(Math.max(...errors.slice(0, 4))).toBeGreaterThan(0.1);
    expect(Math.max(...errors.slice(-4))).toBeLessThan(1e-9);
  });
});

test.each<[string, () => unknown, string]>([
  ["no alpha", () => smooth(self, undefined as never), "ERR_RT_OPTION"],
  ["an alpha of 0", () => smooth(self, { alpha: 0 }), "ERR_RT_OPTION"],
  ["an alpha above 1", () => smooth(self, { alpha: 1.1 }), "ERR_RT_OPTION"],
  ["an alpha that is text", () => smooth(self, { alpha: "0.5" } as unknown as SmoothOptions), "ERR_RT_OPTION"],
  ["a half-life of 0", () => zScore(self, { halfLife: 0 }), "ERR_RT_OPTION"],
  ["a half-life without end", () => zScore(self, { halfLife: Infinity } as ZScoreOptions), "ERR_RT_OPTION"],
  ["no season", () => holtWinters(self, { alpha: 1, beta: 0, gamma: 0 } as HoltWintersOptions), "ERR_RT_OPTION"],
  ["a season of one", () => holtWinters(self, { season: 1, alpha: 1, beta: 0, gamma: 0 }), "ERR_RT_OPTION"],
  [
    "a season that is too long",
    () => holtWinters(self, { season: seasonLengthMax + 1, alpha: 1, beta: 0, gamma: 0 }),
    "ERR_RT_OPTION",
  ],
  ["a negative beta", () => holtWinters(self, { season: 4, alpha: 1, beta: -1, gamma: 0 }), "ERR_RT_OPTION"],
  ["a gamma above 1", () => holtWinters(self, { season: 4, alpha: 1, beta: 0, gamma: 2 }), "ERR_RT_OPTION"],
  ["no options", () => holtWinters(self, undefined as never), "ERR_RT_OPTION"],
  ["what is no function", () => zScore("value" as never), "ERR_RT_OPTION"],
  ["an async function", () => zScore((async () => 1) as never), "ERR_ACT_ASYNC_FUNCTION"],
])("%s is refused when the job is built", (_, build, code) => {
  expect(build).toThrow(expect.objectContaining({ code }));
});
