import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { changeBetween } from "./change.ts";

class Price {
  readonly cents: number;

  constructor(cents: number) {
    this.cents = cents;
  }
}

const rows: readonly unknown[] = [
  1,
  0,
  -0,
  Number.NaN,
  "a",
  [],
  [1],
  [Number.NaN],
  {},
  { a: 0 },
  { a: -0 },
  { a: Number.NaN },
  { a: undefined },
  { b: undefined },
  { a: 1, b: 2 },
  { b: 2, a: 1 },
  { a: 1, b: { c: 1 } },
  { a: 1, b: { c: 2 } },
  { a: 1, b: [1] },
  { a: null },
  { cents: 1 },
  new Price(1),
  new Price(2),
  new Date(1),
  new Date(2),
  new Map([["a", 1]]),
  new Map([["a", 2]]),
  Object.create({ a: 1 }),
  Object.create({ a: 2 }),
];

test("there is a change wherever rows are not deeply equal, and nowhere else", () => {
  for (const before of rows) {
    for (const after of [...rows, structuredClone(before)]) {
      const change = changeBetween("k", before, after);

      const isSame = before === after || isDeepStrictEqual(before, after);
      expect([before, after, change]).toEqual([before, after, isSame ? undefined : expect.anything()]);
      expect(change?.kind).toBe(isSame ? undefined : "update");
    }
  }
});
