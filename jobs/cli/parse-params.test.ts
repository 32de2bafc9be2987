import fc from "fast-check";
import { expect, test } from "vitest";
import { parseParams } from "./parse-params.ts";

test.each<readonly [string, unknown]>([
  ["9990", 9990],
  ["-1.5e3", -1500],
  ["0", 0],
  ["true", true],
  ["false", false],
  ["null", null],
  ['"5"', "5"],
  ['{"a":[1,true]}', { a: [1, true] }],
  ["[]", []],
  ["", ""],
  ["text", "text"],
  ["a=b", "a=b"],
  ["truely", "truely"],
  ["undefined", "undefined"],
  ["NaN", "NaN"],
  ["007", "007"],
  ["+1", "+1"],
  [".5", ".5"],
  ["0x10", "0x10"],
  ["1e999", "1e999"],
  ["12345678901234567890", "12345678901234567890"],
  ["[ab]*.csv", "[ab]*.csv"],
  ["{broken", "{broken"],
])("the value %j becomes %j", (text, expected) => {
  expect(parseParams([`x=${text}`])).toEqual({ x: expected });
});

test("params come in the order they were given", () => {
  expect(Object.keys(parseParams(["b=1", "a=2"]))).toEqual(["b", "a"]);
});

test.each([[["port"]], [["=1"]], [[""]], [["a=1", "a=2"]]])("%j is refused", (given) => {
  expect(() => parseParams(given)).toThrow(expect.objectContaining({ code: "ERR_JOB_USAGE" }));
});

test("a name that stands for the prototype is an own key, which params refuse", () => {
  expect(Object.getOwnPropertyNames(parseParams(["__proto__=1"]))).toEqual(["__proto__"]);
});

test("every JSON value comes back, however it is written", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(typeof value !== "number" || !Number.isInteger(value) || Number.isSafeInteger(value));
      expect(JSON.stringify(parseParams([`x=${text}`]).x)).toBe(text);
    }),
  );
});
