import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { KeyNumbers } from "./key-numbers.ts";

const kinds: readonly (readonly [string, (index: number) => Key])[] = [
  ["small whole numbers", (index) => (index * 7) % 5_000],
  [
    "whole numbers around both ends of 32 bits",
    (index) => (index % 2 === 0 ? 2 ** 31 - 50 + index : -(2 ** 31) - 50 + index),
  ],
  ["whole numbers far apart", (index) => index * 2 ** 16],
  ["negative ones, and zero of both signs", (index) => (index % 3 === 0 ? -0 : -index)],
  ["fractions", (index) => index / 8],
  ["texts that look like numbers, and numbers", (index) => (index % 2 === 0 ? String(index >> 1) : index >> 1)],
  ["of all kinds", (index) => [index, `${index}`, BigInt(index), index + 0.5, index % 4 === 0][index % 5] as Key],
];

test.each(kinds)("%s have the numbers of the order in which they came", (_, keyAt) => {
  const numbers = new KeyNumbers();
  const expected = new Map<Key, number>();
  for (let index = 0; index < 6_000; index += 1) {
    const key = keyAt(index);
    expect(numbers.find(key)).toBe(expected.get(key) ?? -1);
    if (!expected.has(key)) expected.set(key, expected.size);
    expect(numbers.of(key)).toBe(expected.get(key));
  }

  expect(numbers.size).toBe(expected.size);
  for (const [key, number] of expected) expect(numbers.find(key)).toBe(number);
});
