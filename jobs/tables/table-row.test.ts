import { expect, test } from "vitest";
import { keyOf, rowOf, type TableDefinition } from "./table-row.ts";

const table: TableDefinition = { name: "t", columns: ["a", "b"], key: ["a"] };

test.each([
  ["text", "x"],
  ["an integer", 7],
  ["a real", 7.5],
  ["a large integer", 2n ** 62n],
  ["bytes", new Uint8Array([1, 2])],
  ["nothing", null],
])("a column holds %s as it is", (_, value) => {
  expect(rowOf(table, { a: 1, b: value, more: "not written" })).toEqual([1, value]);
});

test("booleans are 0 and 1, and what is missing is nothing", () => {
  expect(rowOf(table, { a: true })).toEqual([1, null]);
});

test.each([
  ["no object", "x", "expected an object with a, b"],
  ["nothing", null, "expected an object with a, b"],
  ["an object in a column", { a: 1, b: {} }, 'column "b"'],
  ["no finite number", { a: 1, b: Number.NaN }, 'column "b"'],
  ["an integer of more than 64 bits", { a: 1, b: 2n ** 63n }, 'column "b"'],
  ["a date", { a: 1, b: new Date(0) }, 'column "b"'],
  ["no key", { b: 1 }, 'column "a" is part of the key'],
])("%s is no row", (_, event, message) => {
  const expected = { code: "ERR_JOB_TABLE_ROW", message: expect.stringContaining(message), details: { table: "t" } };
  expect(() => rowOf(table, event)).toThrow(expect.objectContaining(expected));
});

test("keys are the same when SQLite says so", () => {
  const key = (a: unknown) => keyOf(table, rowOf(table, { a }));

  expect(key(1)).toBe(key(1n));
  expect(key(true)).toBe(key(1));
  expect(new Set([key(1), key("1"), key(1.5), key(new Uint8Array([49]))]).size).toBe(4);
});
