import fc from "fast-check";
import { expect, test } from "vitest";
import { type Columns, decodeBatch, encodeBatch } from "../batch-codec.ts";

/** In a buffer of its own. */
function encoded(batch: Columns): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encodeBatch(batch));
}

test("what a batch is written as does not depend on those of the same shape before it, also deep within objects", () => {
  const values = fc.constantFrom<fc.Arbitrary<unknown>>(
    fc.integer({ min: -200, max: 200 }),
    fc.constantFrom(0, -0, 1),
    fc.integer({ min: 2 ** 40, max: 2 ** 40 + 1_000 }),
    fc.double(),
    fc.constantFrom("car", "van", null, undefined, true),
    fc.constantFrom(..."abcdefghij"),
    fc.oneof(fc.integer(), fc.string()),
  );
  const lists = values.chain((value) => fc.array(value, { minLength: 20, maxLength: 150 }));
  let run = 0;
  fc.assert(
    fc.property(lists, fc.array(lists, { minLength: 4, maxLength: 6 }), fc.nat(7), (list, others, depth) => {
      run += 1;
      const key = `met only in run ${run}, level`;
      const within = (value: unknown, level: number): unknown => {
        return { [`${key} ${level}`]: level === depth ? value : within(value, level + 1) };
      };
      const batch = batchOf(list.map((value) => within(value, 0)));

      const first = encoded(batch);
      for (const other of others) encoded(batchOf(other.map((value) => within(value, 0))));

      expect(Buffer.compare(encoded(batch), first)).toBe(0);
      expect(decodeBatch(first)).toStrictEqual(batch);
    }),
    { numRuns: 300 },
  );
});

function batchOf(values: readonly unknown[]): Columns {
  return { values, times: undefined, keys: undefined };
}
