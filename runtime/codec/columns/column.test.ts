import fc from "fast-check";
import { expect, test } from "vitest";
import { DoubleColumn, measureDoubles, readNumbers } from "./column.ts";

test("numbers that were written one by one are measured as those that are read, close to each other or not", () => {
  const base = fc.constantFrom(0, 1_700_000_000_000, -(2 ** 32) - 1, 2 ** 32 + 1, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 60);
  const distance = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.integer(),
    fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 0.5, 1e-5, -0, 2 ** 33, Number.NaN),
  );
  let closeCount = 0;
  fc.assert(
    fc.property(base, fc.array(distance, { minLength: 1, maxLength: 20 }), fc.boolean(), (from, distances, isExact) => {
      const numbers = distances.map((each) => (isExact ? from + Math.trunc(each) : from + each));
      const [measured, read] = [new DoubleColumn(numbers.length), new DoubleColumn(numbers.length)];
      measured.values.set(numbers);
      measureDoubles(measured, numbers.length);
      readNumbers(numbers, numbers.length, read);

      expect(measured.areWhole).toBe(read.areWhole);
      if (!read.areWhole) return;
      closeCount += Math.abs(from) > 2 ** 32 ? 1 : 0;
      expect([measured.low, measured.high]).toEqual([read.low, read.high]);
    }),
    { numRuns: 2_000 },
  );
  expect(closeCount).toBeGreaterThan(200);
});
