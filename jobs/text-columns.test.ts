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

test("a word that is wider than its column is cut where it ends, and no column is narrower than a word of some length", () => {
  const lines = alignColumns([["a", "0123456789".repeat(5), "b"]], 10);
  expect(lines).toEqual(["a  0123456789012345  b", "   6789012345678901", "   2345678901234567", "   89"]);
});

test("several wide columns share what the narrow ones leave", () => {
  const lines = alignColumns([["id", "x".repeat(100), "y".repeat(100)]], 80);
  expect(lines.slice(0, 2).map((line) => line.length)).toEqual([80, 80]);
  expect(lines.join("").replaceAll(/[^x]/g, "")).toHaveLength(100);
});
