import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StateForm } from "../state/state-form.ts";
import { encodeDelta, encodeSnapshot, mergedEntries, type StateEntry } from "./state-delta.ts";

const value1: StateForm = { kind: "value", version: 1, owner: "key" };
const value2: StateForm = { kind: "value", version: 2, owner: "key" };

describe("a delta", () => {
  test("brings back its entries with their forms, also those that were removed, and undefined", () => {
    const entries: StateEntry[] = [
      ["plain", "a", true, 1],
      ["plain", "b", false, undefined],
      ["plain", "c", true, undefined],
      ["total", 1n, true, new Map([[1, "one"]]), value1],
      ["total", true, false, undefined, value1],
    ];

    expect(mergedEntries([encodeDelta("op", entries)])).toEqual(entries);
  });

  test("writes name and form once, however many keys there are", () => {
    const entries = Array.from({ length: 100 }, (_, key): StateEntry => ["a-rather-long-name", key, true, 0, value1]);

    expect(encodeDelta("op", entries).byteLength).toBeLessThan(600);
  });

  test("of what cannot be kept fails by operator, state and key", () => {
    expect(() => encodeDelta("op", [["total", "k", true, () => 1]])).toThrow(
      expect.objectContaining({
        code: "ERR_RT_NOT_PLAIN_DATA",
        message: expect.stringMatching(/operator "op": state "total" of key "k"/),
      }),
    );
  });
});

test("a snapshot of more bytes than can be sent fails by its operator", () => {
  const entries: StateEntry[] = [["total", "k", true, "x".repeat(1_000)]];

  expect(encodeSnapshot("op", entries)).toEqual(encodeDelta("op", entries));
  expect(() => encodeSnapshot("op", entries, 1_000)).toThrow(
    expect.objectContaining({
      code: "ERR_ACT_SNAPSHOT_TOO_LARGE",
      message: expect.stringMatching(/operator "op": .* of 1 keys .*the most is 1000/),
    }),
  );
});

test("of several deltas the newest entry of each name and key counts, whatever its form", () => {
  const older = encodeDelta("op", [
    ["total", "a", true, 1, value1],
    ["total", "b", true, 1, value1],
  ]);
  const newer = encodeDelta("op", [
    ["total", "a", true, { n: 1 }, value2],
    ["other", "b", true, 2],
  ]);

  const merged = mergedEntries([older, newer]);

  expect(merged).toEqual([
    ["total", "a", true, { n: 1 }, value2],
    ["total", "b", true, 1, value1],
    ["other", "b", true, 2],
  ]);
  expect(mergedEntries([encodeDelta("op", merged)])).toEqual(expect.arrayContaining([...merged]));
});

test("merging and encoding again changes nothing, for any entries", () => {
  const entry = fc.tuple(
    fc.constantFrom("a", "b"),
    fc.constantFrom("x", "y", 1, "1", 1n, true),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom(undefined, value1, value2),
  );
  fc.assert(
    fc.property(fc.array(fc.array(entry, { maxLength: 6 }), { minLength: 2, maxLength: 5 }), (deltas) => {
      const model = new Map<string, unknown>();
      for (const [name, key, present, value, form] of deltas.flat()) {
        model.set(`${name} ${typeof key} ${key}`, [present, present ? value : undefined, form]);
      }
      const encoded = deltas.map((entries) =>
        encodeDelta(
          "op",
          entries
            // One delta has one entry per name and key.
            .filter((each, at) => !entries.slice(at + 1).some((other) => other[0] === each[0] && other[1] === each[1]))
            .map(
              ([name, key, present, value, form]): StateEntry =>
                form === undefined ? [name, key, present, value] : [name, key, present, value, form],
            ),
        ),
      );

      const merged = mergedEntries([encodeDelta("op", mergedEntries(encoded))]);

      const found = merged.map(([name, key, present, value, form]) => [
        `${name} ${typeof key} ${key}`,
        [present, value, form],
      ]);
      expect(new Map(found as [string, unknown][])).toEqual(model);
      expect(found).toHaveLength(model.size);
    }),
    { seed: 1, numRuns: 200 },
  );
});
