import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeDelta, keyGroupCount, keyGroupOf, ownerOf, type StateEntry } from "../../actors/index.ts";
import { regroupedState } from "./regrouped-state.ts";
import { entriesOf, type StoredInstance } from "./stored-operators.ts";

const perKey = { kind: "value", version: 3, owner: "key" } as const;
const anyone = { kind: "transactions", version: 1, owner: "any" } as const;
const perInstance = { kind: "value", version: 1, owner: "instance" } as const;

const standing = { position: undefined, ended: false, watermark: Number.NEGATIVE_INFINITY };
const instanceOf = (...deltas: readonly StateEntry[][]): StoredInstance => ({
  ...standing,
  deltas: deltas.map((entries) => encodeDelta("op", entries)),
});

const restored = (deltas: readonly Uint8Array[]) => entriesOf({ ...standing, deltas });

test("from any parallelism to any other no key is lost, doubled or misplaced, and none comes back that was removed", () => {
  const parallelism = fc.integer({ min: 1, max: keyGroupCount });
  const key = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.bigInt(), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(
      parallelism,
      parallelism,
      fc.uniqueArray(fc.tuple(key, fc.integer(), fc.boolean()), { selector: ([each]) => each, maxLength: 60 }),
      (before, now, keys) => {
        const instances = Array.from({ length: before }, (_, instance) => {
          const own = keys.filter(([each]) => ownerOf(keyGroupOf(each), before) === instance);
          return instanceOf(
            own.map(([each, value]): StateEntry => ["total", each, true, value, perKey]),
            own
              .filter(([, , isKept]) => !isKept)
              .map(([each]): StateEntry => ["total", each, false, undefined, perKey]),
          );
        });

        const regrouped = regroupedState("op", instances, now);

        expect(regrouped).toHaveLength(now);
        const found = regrouped.flatMap((deltas, instance) => restored(deltas).map((entry) => ({ instance, entry })));
        for (const { instance, entry } of found) expect(ownerOf(keyGroupOf(entry[1]), now)).toBe(instance);
        const kept = keys.filter(([, , isKept]) => isKept);
        expect(found).toHaveLength(kept.length);
        expect(new Map(found.map(({ entry }) => [entry[1], entry]))).toEqual(
          new Map(
            kept.map(([each, value]) => [each === 0 ? 0 : each, ["total", each === 0 ? 0 : each, true, value, perKey]]),
          ),
        );
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test("state per key group goes to the owner of the group, with the keys of the group", () => {
  const perGroup = { kind: "progress", version: 1, owner: "group" } as const;
  const keys = ["a", "d", 3, 0];
  const groups = Array.from({ length: keyGroupCount }, (_, group) => group);
  const instances = [0, 1].map((instance) => {
    const owned = groups.filter((group) => ownerOf(group, 2) === instance);
    return instanceOf(
      owned.map((group): StateEntry => ["event time", group, true, `${group} of ${instance}`, perGroup]),
    );
  });

  const regrouped = regroupedState("op", instances, 3).map((deltas) => restored(deltas));

  expect(regrouped.flat().map(([, group]) => group)).toEqual(groups);
  for (const key of keys) {
    const group = keyGroupOf(key);
    const found = regrouped[ownerOf(group, 3)]?.find(([, each]) => each === group);
    expect(found?.[3]).toBe(`${group} of ${ownerOf(group, 2)}`);
  }
});

test("of state for all instances each has the copy of the first, in its order", () => {
  const forAll = { kind: "rules", version: 1, owner: "all" } as const;
  const rules = ["b", "a"].map((key): StateEntry => ["rules", key, true, `rule ${key}`, forAll]);
  const instances = [instanceOf(rules), instanceOf(rules)];

  const regrouped = [1, 2, 3].map((parallelism) => regroupedState("op", instances, parallelism).map(restored));

  expect(regrouped).toEqual([[rules], [rules, rules], [rules, rules, rules]]);
});

test("there and back again everything is where it was", () => {
  const entries = Array.from({ length: 1_000 }, (_, key): StateEntry => ["total", `key ${key}`, true, key, perKey]);
  const four = regroupedState("op", [instanceOf(entries)], 4);

  const back = regroupedState(
    "op",
    four.map((deltas) => ({ ...standing, deltas })),
    1,
  );

  expect(four.every((deltas) => restored(deltas).length > 100)).toBe(true);
  expect(new Map(restored(back[0] ?? []).map((entry) => [entry[1], entry]))).toEqual(
    new Map(entries.map((entry) => [entry[1], entry])),
  );
});

test("what belongs to any instance is at that of its number, or at one of those that are there", () => {
  const five = [0, 1, 2, 3, 4].map((number) => instanceOf([["prepared", number, true, `file ${number}`, anyone]]));
  const keysOf = (regrouped: ReturnType<typeof regroupedState>) =>
    regrouped.map((deltas) => restored(deltas).map(([, key]) => key));

  const two = regroupedState("op", five, 2);
  const back = regroupedState(
    "op",
    two.map((deltas) => ({ ...standing, deltas })),
    5,
  );

  expect(keysOf(two)).toEqual([
    [0, 2, 4],
    [1, 3],
  ]);
  expect(keysOf(back)).toEqual([[0], [1], [2], [3], [4]]);
});

test("a piece per instance has no place among another number of instances", () => {
  expect(() => regroupedState("op", [instanceOf([["total", "", true, 1, perInstance]])], 2)).toThrow(
    expect.objectContaining({ code: "ERR_RT_INVARIANT", message: expect.stringContaining("G2") }),
  );
});
