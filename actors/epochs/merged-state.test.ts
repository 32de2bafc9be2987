import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { mapCells } from "../state/map-cell.ts";
import { MapChange } from "../state/map-change.ts";
import type { StateForm } from "../state/state-form.ts";
import { StateTable } from "../state/state-table.ts";
import { MapView } from "../state/state-views.ts";
import { mergedDelta, mergedEntries, mergedState } from "./merged-state.ts";
import { encodeDelta, type StateEntry } from "./state-delta.ts";

const value1: StateForm = { kind: "value", version: 1, owner: "key" };
const value2: StateForm = { kind: "value", version: 2, owner: "key" };

test("of several deltas the newest entry of each name and key counts, whatever its form", () => {
  const older = encodeDelta("op", [
    ["total", "a", true, 1, value1],
    ["total", "b", true, 1, value1],
  ]);
  const newer = encodeDelta("op", [
    ["total", "a", true, { n: 1 }, value2],
    ["other", "b", true, 2],
  ]);

  expect(mergedEntries([older, newer])).toEqual([
    ["total", "b", true, 1, value1],
    ["total", "a", true, { n: 1 }, value2],
    ["other", "b", true, 2],
  ]);
});

test("a form of which nothing is left is not there", () => {
  const older = encodeDelta("op", [["total", "a", true, 1, value1]]);
  const newer = encodeDelta("op", [["total", "a", true, 2, value2]]);

  expect(mergedState([older, newer])).toMatchObject([{ name: "total", form: value2, values: new Map([["a", 2]]) }]);
});

test("a key keeps its place while it is there, and one that was removed and came back comes anew", () => {
  const first = encodeDelta(
    "op",
    ["a", "b", "c"].map((key): StateEntry => ["total", key, true, 1]),
  );
  const second = encodeDelta("op", [
    ["total", "b", true, 2],
    ["total", "a", false, undefined],
    ["total", "a", true, 2],
  ]);

  for (const deltas of [
    [first, second],
    [first, mergedDelta("op", [second], false)],
  ]) {
    expect(mergedEntries(deltas).map(([, key]) => key)).toEqual(["b", "c", "a"]);
  }
});

test("what was removed is noted until nothing older is left", () => {
  const set = encodeDelta("op", [["total", "a", true, 1]]);
  const removed = encodeDelta("op", [["total", "a", false, undefined]]);

  expect(mergedEntries([set, mergedDelta("op", [removed, encodeDelta("op", [])], false)])).toEqual([]);
  expect(mergedDelta("op", [set, removed], true)).toEqual(encodeDelta("op", []));
});

test("whatever is merged before, the state is the same, for any entries", () => {
  const entry = fc.tuple(
    fc.constantFrom("a", "b"),
    fc.constantFrom("x", "y", 1, "1", 1n, true),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom(undefined, value1, value2),
  );
  const allDeltas = fc.array(fc.array(entry, { maxLength: 6 }), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(allDeltas, fc.nat(), fc.nat(), (deltas, at, count) => {
      const model = new Map<string, unknown>();
      for (const [name, key, present, value, form] of deltas.flat()) {
        if (present) model.set(`${name} ${typeof key} ${key}`, [value, form]);
        else model.delete(`${name} ${typeof key} ${key}`);
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

      const from = at % encoded.length;
      const merged = encoded.splice(from, 1 + (count % encoded.length));
      encoded.splice(from, 0, mergedDelta("op", merged, from === 0));

      const found = mergedEntries(encoded);
      expect(
        new Map(found.map(([name, key, , value, form]) => [`${name} ${typeof key} ${key}`, [value, form]])),
      ).toEqual(model);
      expect(found).toHaveLength(model.size);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("maps that changed in part are the same, whatever is merged before", () => {
  const mapForm: StateForm = { kind: "map", version: 1, owner: "key" };
  const operation = fc.record({
    key: fc.constantFrom("x", 1),
    entry: fc.integer({ min: 0, max: 9 }),
    does: fc.constantFrom("set", "set", "delete", "delete", "fill", "clear"),
  });
  const epochs = fc.array(fc.array(operation, { maxLength: 6 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(epochs, fc.nat(), fc.nat(), (all, at, count) => {
      // A table of maps, as an operator keeps it, with a snapshot per epoch.
      let number = 0;
      const scope = { isKeyed: true, keyFor: () => key, checkCalled: () => undefined, nowOf: () => 0 };
      let key: Key = "x";
      const declaration = { operator: "op", state: "rows", form: mapForm, migrate: undefined, refuse: undefined };
      const table = new StateTable(declaration, scope, true, mapCells);
      const view = new MapView(table);
      const encoded = all.map((operations) => {
        for (const { key: meant, entry, does } of operations) {
          key = meant;
          number += 1;
          if (does === "set") view.set(entry, number);
          // Of large maps only what changed is told.
          else if (does === "fill") for (let other = 0; other < 10; other += 1) view.set(other, number);
          else if (does === "delete") view.delete(entry);
          else view.clear();
        }
        return encodeDelta("op", table.changes());
      });

      const from = at % encoded.length;
      const merged = encoded.splice(from, 1 + (count % encoded.length));
      encoded.splice(from, 0, mergedDelta("op", merged, from === 0));

      const found = mergedEntries(encoded).map(([, key, , map]) => [key, [...(map as Map<unknown, unknown>)]]);
      expect(new Map(found as [Key, unknown][])).toEqual(
        new Map([...view.entries()].map(([key, map]) => [key, [...map]])),
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a change of a map that is in no delta is noticed", () => {
  const change = encodeDelta("op", [["rows", "a", true, new MapChange(new Set(), new Map([[1, 1]]))]]);

  expect(() => mergedState([change])).toThrow(expect.objectContaining({ message: expect.stringMatching(/S3/) }));
});
