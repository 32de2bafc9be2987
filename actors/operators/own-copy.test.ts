import { expect, test } from "vitest";
import { ownCopiesMax, ownCopyCharactersMax } from "../limits.ts";
import { ownCopy, textsOf } from "./own-copy.ts";

function sum(values: readonly number[], of: (value: number) => number): number {
  let all = 0;
  for (const value of values) all += of(value);
  return all;
}

const twice = (value: number) => value * 2;
const square = (value: number) => value * value;

test("does what it is a copy of does", () => {
  const copy = ownCopy(sum, textsOf([square]));

  expect(copy).not.toBe(sum);
  expect(copy([1, 2, 3], square)).toBe(14);
});

test("is the same for functions of the same texts, at the same place, and another for others", () => {
  const copy = ownCopy(sum, textsOf([twice]));

  expect(ownCopy(sum, textsOf([(value: number) => value * 2]))).toBe(copy);
  expect(ownCopy(sum, textsOf([square]))).not.toBe(copy);
  expect(ownCopy(sum, textsOf([twice]), 1)).not.toBe(copy);
});

test("there is none for texts that are too long, nor more than there may be", () => {
  expect(ownCopy(sum, "x".repeat(ownCopyCharactersMax + 1))).toBe(sum);

  const first = ownCopy(sum, "first");
  for (let index = 0; index < ownCopiesMax; index += 1) ownCopy(sum, `${index}`);

  expect(ownCopy(sum, "first")).not.toBe(first);
});

test("functions have texts also where they are bound or of the engine", () => {
  expect(textsOf([Math.abs, twice.bind(undefined)])).toContain("[native code]");
});
