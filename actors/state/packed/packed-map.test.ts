/** PackedMap, and the merge of deltas that uses it, against a Map. */

import { expect, test } from "vitest";
import { SeededRandom } from "../../../runtime/index.ts";
import type { Key } from "../../batch.ts";
import { mergedState } from "../../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../../epochs/state-delta.ts";
import { MapChange } from "../map-change.ts";
import { withObjectKeysMax } from "./object-keys.ts";
import { PackedMap } from "./packed-map.ts";

const pairs: readonly unknown[] = [
  [1, undefined],
  [2, 17],
  [2, -0],
  [Number.NaN, 3],
  [3, Number.NaN],
  [3, Number.NEGATIVE_INFINITY],
  [4, Number.POSITIVE_INFINITY],
  [5, null],
  [6],
  [7, 8, 9],
  ["8", 1],
  10,
  Number.NaN,
  undefined,
];

test("holds what a Map holds, whatever pairs of numbers there are", () => {
  const map = new Map<Key, unknown>();
  const packed = new PackedMap();
  const random = new SeededRandom(3);
  for (let step = 0; step < 3_000; step += 1) {
    const key = random.below(200);
    if (random.next() < 0.3) expect(packed.delete(key)).toBe(map.delete(key));
    else {
      const value = pairs[random.below(pairs.length)];
      packed.set(key, value);
      map.set(key, value);
    }
    expect(packed.has(key)).toBe(map.has(key));
    expect(packed.get(key)).toEqual(map.get(key));
  }
  expect(packed.size).toBe(map.size);
  expect([...packed]).toEqual([...map]);
  expect([...packed.keys()]).toEqual([...map.keys()]);
  expect([...packed.values()]).toEqual([...map.values()]);
  const each: [Key, unknown][] = [];
  packed.forEach((value, key) => void each.push([key, value]));
  expect(each).toEqual([...map]);
});

test("deltas whose keys are many make the same state as those whose keys are few", async () => {
  const random = new SeededRandom(11);
  const form = { kind: "value", version: 1, owner: "key" } as const;
  const mapForm = { ...form, kind: "map" } as const;
  for (let round = 0; round < 40; round += 1) {
    // A date, at times: then they are read as a whole.
    const values = [1, [2, undefined], [3, 4], { a: "b" }, "text", round % 4 === 0 ? new Date(7) : 7];
    const maps = new Set<Key>();
    const deltas = Array.from({ length: 6 }, () => {
      const entries = new Map<string, StateEntry>();
      const older = new Set(maps);
      for (let count = 0; count < 30; count += 1) {
        const key = random.below(2) === 0 ? random.below(25) : `key-${random.below(25)}`;
        const kind = random.below(4);
        const value = values[random.below(values.length)];
        if (kind === 0) entries.set(`value ${key}`, ["value", key, false, undefined, form]);
        else if (kind < 3) entries.set(`value ${key}`, ["value", key, true, value, form]);
        else if (older.has(key)) {
          const change = new MapChange(new Set([1]), new Map([[2, value]]));
          entries.set(`map ${key}`, ["map", key, true, change, mapForm]);
        } else {
          entries.set(`map ${key}`, ["map", key, true, new Map([[1, 1]]), mapForm]);
          maps.add(key);
        }
      }
      return encodeDelta("op", [...entries.values()]);
    });
    const packed = await withObjectKeysMax(3, () => Promise.resolve(mergedState(deltas)));
    const whole = mergedState(deltas);
    const shown = (groups: typeof whole) => groups.map(({ name, form, values }) => [name, form, [...values]]);
    expect(shown(packed)).toEqual(shown(whole));
    if (round % 4 !== 0) expect(packed.some(({ values }) => values instanceof PackedMap)).toBe(true);
  }
});

test("a key that one form has removed and another one has set in the same delta is there", () => {
  const form = { kind: "value", version: 1, owner: "key" } as const;
  const older = encodeDelta("op", [["total", "a", true, 1, form]]);
  const newer = encodeDelta("op", [
    ["total", "a", true, 2, { ...form, version: 2 }],
    ["total", "a", false, undefined, form],
  ]);

  expect(mergedState([older, newer]).map(({ form, values }) => [form.version, ...values])).toEqual([[2, ["a", 2]]]);
});
