import { expect, test } from "vitest";
import type { Batch } from "../batch.ts";
import { retainedItemBytes } from "../limits.ts";
import { retainedBytes } from "./retained-bytes.ts";

function batchOf(values: readonly unknown[], keys?: Batch["keys"]): Batch {
  return { values, times: undefined, keys };
}

test("an encoded batch counts with its length", () => {
  expect(retainedBytes(new Uint8Array(1_000))).toBe(retainedItemBytes + 1_000);
});

test("a batch by reference counts with its events, keys and times", () => {
  expect(retainedBytes(batchOf([1, 2, 3]))).toBe(retainedItemBytes + 3 * 8);
  expect(retainedBytes(batchOf([1, 2, 3], [1, 2, 3]))).toBe(retainedItemBytes + 3 * 16);
  expect(retainedBytes({ ...batchOf([1, 2]), times: [1, 2] })).toBe(retainedItemBytes + 2 * 16);
  expect(retainedBytes(batchOf([]))).toBe(retainedItemBytes);
});

test.each([
  ["a text", "x".repeat(10_000), 20_000],
  ["bytes", new Uint8Array(5_000), 5_000],
  ["an array of numbers", Array.from({ length: 1_000 }, (_, index) => index), 8_000],
  ["an array of objects", Array.from({ length: 1_000 }, () => ({ a: 1, b: 2 })), 56_000],
  ["texts in an object", { left: "x".repeat(500), right: { deep: "x".repeat(500) } }, 2_000],
  ["a set", new Set(Array.from({ length: 100 }, (_, index) => index)), 6_400],
])("%s is estimated at what it takes, within a fifth", (_what, value, bytes) => {
  const estimated = retainedBytes(batchOf([value])) - retainedItemBytes;

  expect(estimated).toBeGreaterThanOrEqual(bytes);
  expect(estimated).toBeLessThan(bytes * 1.2);
});

test("a value that contains itself is estimated too", () => {
  const endless: Record<string, unknown> = {};
  endless.self = endless;

  expect(retainedBytes(batchOf([endless]))).toBeLessThan(retainedItemBytes + 1_000);
});
