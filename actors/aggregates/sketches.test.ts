/** How far the results of the two sketches are off, against the exact ones. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../runtime/index.ts";
import { quantileBinsMax } from "../limits.ts";
import { distinctApprox } from "./distinct-approx.ts";
import { quantile } from "./quantile.ts";
import { emptySketch, QuantileBins } from "./quantile-sketch.ts";

describe("quantile", () => {
  test("is within the accuracy of the number at its rank", () => {
    const anyNumber = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
    );
    fc.assert(
      fc.property(
        fc.array(
          anyNumber.filter((value) => value === 0 || Math.abs(value) > 1e-4),
          { minLength: 1, maxLength: 200 },
        ),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(0.01, 0.05, 0.2),
        (numbers, part, accuracy) => {
          const one = quantile<number>(part, (value) => value, { accuracy });
          const exact = numbers.toSorted((left, right) => left - right)[Math.floor(part * (numbers.length - 1))]!;

          const found = one.finish(numbers.reduce((state, value) => one.add(state, value), one.create()));

          expect(Math.abs(found - exact)).toBeLessThanOrEqual(accuracy * Math.abs(exact) * (1 + 1e-9));
        },
      ),
      { seed: 1, numRuns: 1_000 },
    );
  });

  test("keeps no more bins than its limit, and its accuracy for the largest numbers, whatever their order", () => {
    const bins = new QuantileBins(0.001);
    for (const numbers of [
      [1e-300, 1, 1e300],
      [1e300, 1, 1e-300],
      [1, 1e300, 1e-300],
      [1e-300, 1e300, 1],
    ]) {
      const sketch = emptySketch();
      for (const number of numbers) bins.put(sketch, number, 1);

      expect(sketch.positive.counts.length).toBeLessThanOrEqual(quantileBinsMax);
      expect(sketch.positive.total).toBe(3);
      expect(bins.quantile(sketch, 1) / 1e300).toBeCloseTo(1, 2);
      expect(bins.quantile(sketch, 0)).toBe(bins.quantile(sketch, 0.5));
    }
  });

  test("takes the largest and the smallest doubles there are", () => {
    const bins = new QuantileBins(0.01);
    const sketch = emptySketch();
    for (const number of [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE]) bins.put(sketch, number, 1);

    expect(bins.quantile(sketch, 1) / Number.MAX_VALUE).toBeCloseTo(1, 1);
    expect(bins.quantile(sketch, 0) / Number.MAX_VALUE).toBeCloseTo(-1, 1);
    expect(bins.quantile(sketch, 0.5)).toBe(0);
  });
});

describe("distinctApprox", () => {
  test.each([8, 12, 14])("is off by a few standard errors at most, precision %i", (precision) => {
    const one = distinctApprox<number | string>((value) => value, { precision });
    const error = 1.04 / Math.sqrt(2 ** precision);
    const random = new SeededRandom(precision);
    let state = one.create();
    let seen = 0;
    for (const size of [10, 100, 1_000, 10_000, 100_000]) {
      for (; seen < size; seen += 1) {
        state = one.add(state, random.next());
        state = one.add(state, `user-${Math.floor(seen / 2)}`);
      }
      const exact = seen + Math.ceil(seen / 2);
      expect(Math.abs(one.finish(state) - exact) / exact).toBeLessThan(4 * error);
    }
  });

  test("counts a few hundred values exactly, and none twice", () => {
    const one = distinctApprox<number>((value) => value);
    let state = one.create();
    for (let round = 0; round < 3; round += 1) {
      for (let value = 0; value < 400; value += 1) state = one.add(state, value * 1.5);
    }

    expect(one.finish(state)).toBe(400);
  });

  test("merged, is that of all values, whichever side has registers", () => {
    const one = distinctApprox<number>((value) => value, { precision: 8 });
    const of = (from: number, to: number) => {
      let state = one.create();
      for (let value = from; value < to; value += 1) state = one.add(state, value);
      return state;
    };
    const whole = one.finish(of(0, 5_000));

    expect(one.finish(one.merge!(of(0, 5), of(5, 5_000)))).toBe(whole);
    expect(one.finish(one.merge!(of(0, 4_990), of(4_980, 5_000)))).toBe(whole);
    expect(one.finish(one.merge!(of(0, 3_000), of(2_000, 5_000)))).toBe(whole);
  });
});
