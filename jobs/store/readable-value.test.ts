import { expect, test } from "vitest";
import { readableJson } from "./readable-value.ts";

test.each<readonly [unknown, string]>([
  [{ total: 5, name: "a" }, '{"total":5,"name":"a"}'],
  [12345678901234567890n, '"12345678901234567890"'],
  [Number.NaN, '"NaN"'],
  [undefined, "null"],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [new Map([[1, new Set(["a", 2n])]]), '[[1,["a","2"]]]'],
  [Uint8Array.of(1, 2, 3), '"AQID"'],
  [new RangeError("too far"), '"RangeError: too far"'],
  [{ deep: [undefined, { at: new Date(0) }] }, '{"deep":[null,{"at":"1970-01-01T00:00:00.000Z"}]}'],
])("%o is written as %s", (value, text) => {
  expect(readableJson(value)).toBe(text);
});
