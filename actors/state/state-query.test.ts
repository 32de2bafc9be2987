import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import { queryBytesMax } from "../limits.ts";
import { selected, stateAnswer } from "./state-query.ts";

const entry = (key: Key, name = "n"): StateEntry => [name, key, true, `${name} of ${String(key)}`];
const keys = (entries: readonly StateEntry[]) => entries.map(([, key]) => key);

test("a range is in the order of keys: numbers by size, then texts, then false and true", () => {
  const entries = [true, "b", 10, "a", 2n, false, 9].map((key) => entry(key));
  const range = { kind: "range", from: undefined, to: undefined, limit: 100 } as const;

  expect(keys(selected(entries, range))).toEqual([2n, 9, 10, "a", "b", false, true]);
  expect(keys(selected(entries, { ...range, from: 9, to: "b" }))).toEqual([9, 10, "a"]);
});

test("a limit is one of keys, whatever each has of states", () => {
  const entries = [1, 2, 3].flatMap((key) => [entry(key, "first"), entry(key, "second")]);

  const found = selected(entries, { kind: "range", from: undefined, to: undefined, limit: 2 });

  expect(keys(found)).toEqual([1, 1, 2, 2]);
});

test("an answer is the entries, encoded; or that there are none to be told, or too many", () => {
  const one = { kind: "key", key: "a" } as const;
  const large: StateEntry = ["n", "a", true, "x".repeat(queryBytesMax)];

  expect(stateAnswer("op", [entry("a"), entry("b")], one)).toEqual({
    kind: "entries",
    bytes: encodeDelta("op", [entry("a")]),
  });
  expect(stateAnswer("op", undefined, one)).toEqual({ kind: "stateless" });
  expect(stateAnswer("op", [large], one)).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("ask for fewer keys"),
  });
});
