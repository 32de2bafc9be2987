import { describe, expect, test } from "vitest";
import type { Guarantee } from "../epochs/guarantee.ts";
import { compareOutputs } from "./compare-outputs.ts";

const expected = [
  { key: "a", n: 1 },
  { key: "b", n: 1 },
  { key: "a", n: 2 },
];
const [a1, b1, a2] = expected;

function compare(actual: readonly unknown[], guarantee: Guarantee): string[] {
  return compareOutputs(expected, actual, guarantee, { sink: "out", keyOf: (event) => (event as { key: string }).key });
}

describe("exactly-once", () => {
  test("allows another order across keys, and nothing else", () => {
    expect(compare([b1, a1, a2], "exactly-once")).toEqual([]);
    expect(compare([a1, a2], "exactly-once")).toEqual(['out: missing {"key":"b","n":1}']);
    expect(compare([a1, b1, a2, a2], "exactly-once")).toEqual(['out: more than expected {"key":"a","n":2}']);
    expect(compare([a2, b1, a1], "exactly-once")).toEqual([
      'out: key "a" has {"key":"a","n":2} in place 1, not {"key":"a","n":1}',
    ]);
  });
});

test("at-least-once allows repetitions, at-most-once allows gaps", () => {
  expect(compare([a1, a1, b1, a2], "at-least-once")).toEqual([]);
  expect(compare([a1, a1], "at-least-once")).toEqual(['out: missing {"key":"b","n":1}, {"key":"a","n":2}']);
  expect(compare([a2], "at-most-once")).toEqual([]);
  expect(compare([a2, a2, a2], "at-most-once")).toEqual(['out: more than expected 2 x {"key":"a","n":2}']);
});

test("events that JSON cannot tell are compared as well, and long lists are cut short", () => {
  const big = [1n, 2n, 3n, 4n, 5n];

  expect(compareOutputs(big, big, "exactly-once", { sink: "out" })).toEqual([]);
  expect(compareOutputs(big, [], "exactly-once", { sink: "out" })[0]).toMatch(/^out: missing .*, .*, .* and 2 others$/);
});
