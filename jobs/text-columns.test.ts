import { expect, test } from "vitest";
import { alignColumns } from "./text-columns.ts";

const rows = [
  ["count", "error", "one of them"],
  ["12", "Error", 'expected "<type> <bridge>", got "nonsense"'],
];

test("columns stand below each other, each as wide as its widest cell", () => {
  expect(alignColumns(rows)).toEqual([
    "count  error  one of them",
    '12     Error  expected "<type> <bridge>", got "nonsense"',
  ]);
  expect(alignColumns(rows, 56)).toEqual(alignColumns(rows));
});

test("where there is no room for all of it the widest column is wrapped between words, and nothing is lost", () => {
  expect(alignColumns(rows, 40)).toEqual([
    "count  error  one of them",
    '12     Error  expected "<type>',
    '              <bridge>", got "nonsense"',
  ]);
});

test("a word is cut only when it is longer than a column may be for it", () => {
  const lines = alignColumns([["a", "0123456789".repeat(5), "b"]], 10);
  expect(lines).toEqual(["a  01234567890123456789012345678901  b", "   234567890123456789"]);
});

test("a code stays whole, and what is said beside it has the rest of the room", () => {
  const lines = alignColumns(
    [["3", "ERR_RT_NOT_PLAIN_DATA", "an instance of class P cannot be carried as data", "{}"]],
    50,
  );
  expect(lines).toEqual([
    "3  ERR_RT_NOT_PLAIN_DATA  an instance of class  {}",
    "                          P cannot be carried",
    "                          as data",
  ]);
});

test("several wide columns share what the narrow ones leave", () => {
  const lines = alignColumns([["id", "x".repeat(100), "y".repeat(100)]], 80);
  expect(lines.slice(0, 2).map((line) => line.length)).toEqual([80, 80]);
  expect(lines.join("").replaceAll(/[^x]/g, "")).toHaveLength(100);
});
