/** PackedTable against a Map: whatever is done to both, both hold the same, in the same order. */

import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../runtime/index.ts";
import type { Key } from "../../batch.ts";
import { packedRecordBytesMax } from "../../limits.ts";
import { PackedTable } from "./packed-table.ts";

type Model = Map<Key, { value: unknown; side: number }>;

function put(table: PackedTable, model: Model, key: Key, value: unknown, side = Number.NaN): void {
  const found = table.find(key);
  const entry = found < 0 ? table.add(key, value) : found;
  if (found >= 0) table.setValue(entry, value);
  table.setSide(entry, side);
  const known = model.get(key);
  if (known === undefined) model.set(key, { value, side });
  else Object.assign(known, { value, side });
}

function drop(table: PackedTable, model: Model, key: Key): void {
  const entry = table.find(key);
  expect(entry >= 0).toBe(model.delete(key));
  if (entry >= 0) table.remove(entry);
}

function contentOf(table: PackedTable): [Key, unknown, number][] {
  const content: [Key, unknown, number][] = [];
  const walk = table.walk();
  for (let entry = walk.next(); entry >= 0; entry = walk.next()) {
    content.push([table.keyOf(entry), table.valueOf(entry), table.sideOf(entry)]);
  }
  return content;
}

function check(table: PackedTable, model: Model): void {
  expect(table.size).toBe(model.size);
  expect(contentOf(table)).toEqual([...model].map(([key, { value, side }]) => [key, value, side]));
}

const values: readonly ((random: number) => unknown)[] = [
  (random) => Math.floor(random * 1000),
  (random) => random * 1e9,
  () => undefined,
  () => null,
  (random) => random < 0.5,
  (random) => "x".repeat(random * 300),
  (random) => ({ count: Math.floor(random * 1000), names: Array.from({ length: random * 20 }, () => "ä€") }),
  () => Number.NaN,
  () => -0,
  (random) => BigInt(Math.floor(random * 1e6)),
  (random) => new Date(Math.floor(random * 1e12)),
  (random) => new Map([[Math.floor(random * 9), new Uint8Array([1, 2, 3])]]),
  (random) => Buffer.alloc(random * 100, 7),
  (random) => "y".repeat(random * 2 * packedRecordBytesMax),
];

const keys: readonly ((random: number) => Key)[] = [
  (random) => random,
  (random) => -1 - random,
  (random) => random / 7,
  (random) => `k${random}`,
  (random) => `Schlüssel-€-${random}`,
  (random) => BigInt(random) - 50n,
  (random) => random % 2 === 0,
  (random) => `${"long".repeat(100)}${random}`,
  (random) => `\ud800${random}`,
];

describe("a packed table", () => {
  for (const [seed, keyCount, steps] of [
    [1, 20, 3_000],
    [2, 2_000, 10_000],
    [3, 60_000, 160_000],
  ] as const) {
    test(`holds what a Map holds, in its order, whatever is done to it: ${keyCount} keys`, () => {
      const random = new SeededRandom(seed);
      const next = () => random.next();
      const table = new PackedTable();
      const model: Model = new Map();
      for (let step = 0; step < steps; step += 1) {
        // Times of growth and of shrinking.
        const shrinks = Math.floor((4 * step) / steps) % 2 === 1;
        const key = keys[Math.floor(next() * keys.length)]!(Math.floor(next() * keyCount));
        if (next() < (shrinks ? 0.85 : 0.2)) drop(table, model, key);
        else {
          const kind = Math.floor(next() ** 3 * values.length);
          put(table, model, key, values[kind]!(next()), next() < 0.1 ? Math.floor(next() * 100) : Number.NaN);
        }
        if (step % Math.ceil(steps / 5) === 0) check(table, model);
      }
      check(table, model);
      for (const key of [...model.keys()]) drop(table, model, key);
      check(table, model);
    });
  }

  test("tells what has changed and is still there, once, in the order in which it came", () => {
    const random = new SeededRandom(4);
    const table = new PackedTable();
    const model: Model = new Map();
    let changed = new Set<Key>();
    for (let step = 0; step < 160_000; step += 1) {
      const key = Math.floor(random.next() * 48_000);
      if (random.next() < (step > 80_000 ? 0.8 : 0.2)) {
        drop(table, model, key);
        changed.delete(key);
      } else {
        put(table, model, key, step);
        table.noteChange(table.find(key));
        changed.add(key);
      }
      if (step % 20_000 === 0) {
        expect(table.takeChanged().map((entry) => table.keyOf(entry))).toEqual(
          [...model.keys()].filter((key) => changed.has(key)),
        );
        expect(table.takeChanged()).toEqual([]);
        changed = new Set();
      }
    }
  });

  test("a walk meets what is there when it comes by, once, however much comes and goes meanwhile", () => {
    const random = new SeededRandom(5);
    const table = new PackedTable();
    const model: Model = new Map();
    for (let key = 0; key < 80_000; key += 1) put(table, model, key, key);
    const [walk, iterator] = [table.walk(), model.keys()];
    const met: (Key | undefined)[] = [];
    const expected: (Key | undefined)[] = [];
    for (let step = 0; step < 100_000 && expected.at(-1) !== "end"; step += 1) {
      const { value, done } = iterator.next();
      const entry = walk.next();
      met.push(entry < 0 ? "end" : table.keyOf(entry));
      expected.push(done ? "end" : value);
      for (let times = 0; times < 2; times += 1) {
        const key = Math.floor(random.next() * 80_000);
        if (model.has(key)) drop(table, model, key);
      }
      if (step % 3 === 0) put(table, model, 80_000 + step, step);
    }
    expect(met).toEqual(expected);
    expect(met.length).toBeGreaterThan(40_000);
    expect(met.at(-1)).toBe("end");
  });

  test("entries of blocks that become one keep what they have: key, record, change, and who walks through them", () => {
    const random = new SeededRandom(7);
    const table = new PackedTable();
    const model: Model = new Map();
    for (let key = 0; key < 120_000; key += 1) put(table, model, `key-${key}`, { key });
    table.takeChanged();
    const [walk, iterator] = [table.walk(), model.keys()];
    const met: unknown[] = [];
    const expected: unknown[] = [];
    for (let step = 0; step < 24_000; step += 1) {
      met.push(table.keyOf(walk.next()));
      expected.push(iterator.next().value);
    }
    const changed = new Set<Key>();
    for (let step = 0; step < 119_000; step += 1) {
      const key = `key-${(step * 7_919) % 120_000}`;
      if (random.next() < 0.01) {
        table.noteChange(table.find(key));
        changed.add(key);
      } else if (step % 240 !== 0) drop(table, model, key);
    }
    for (let entry = walk.next(); entry >= 0; entry = walk.next()) met.push(table.keyOf(entry));
    expect(met).toEqual([...expected, ...iterator]);
    const noted = table.takeChanged().map((entry) => table.keyOf(entry));
    expect(noted).toEqual([...model.keys()].filter((key) => changed.has(key)));
    check(table, model);
    // Records that stay are moved out of the way of the others.
    const written = [...model.keys()].filter((_, index) => index % 4 !== 0);
    for (let round = 1; round < 40; round += 1) {
      for (const key of written) put(table, model, key, { text: "x".repeat(random.below(3_000)) });
    }
    check(table, model);
    expect(model.size).toBeGreaterThan(1_500);
  });

  test("what a value was comes back as a copy, and one that cannot be encoded as it is", () => {
    const table = new PackedTable();
    const value = { list: [1, 2] };
    const other = { call: () => 1 };
    const entry = table.add("a", value);
    value.list.push(3);
    table.add("b", other);
    expect(table.valueOf(entry)).toEqual({ list: [1, 2] });
    expect(table.valueOf(table.find("b"))).toBe(other);
    table.setValue(table.find("b"), 1);
    expect(table.valueOf(table.find("b"))).toBe(1);
  });

  test("takes 40 bytes for a number by a number, and gives back what is removed", () => {
    const table = new PackedTable();
    for (let key = 0; key < 400_000; key += 1) table.add(key, key);
    const { bytes } = table;
    expect(bytes / 400_000).toBeLessThan(40);
    for (let key = 0; key < 400_000; key += 1) if (key % 10 !== 0) table.remove(table.find(key));
    expect(table.size).toBe(40_000);
    expect(table.bytes).toBeLessThan(bytes / 2);
    for (let key = 0; key < 400_000; key += 10) table.remove(table.find(key));
    expect(table.bytes).toBeLessThan(500_000);
  });

  test("values that change their length leave no more behind than as much as there is", () => {
    const random = new SeededRandom(6);
    const table = new PackedTable();
    for (let key = 0; key < 20_000; key += 1) table.add(`key-${key}`, "");
    for (let step = 0; step < 200_000; step += 1) {
      table.setValue(table.find(`key-${Math.floor(random.next() * 20_000)}`), "z".repeat(random.next() * 400));
    }
    const live = contentOf(table).reduce((sum, [key, value]) => sum + String(key).length + String(value).length, 0);
    expect(table.bytes).toBeLessThan(4 * live + 20_000 * 60 + 4 * 1024 * 1024);
  });
});

test("numbers among numbers stay what they are when something else comes among them, and goes", () => {
  const table = new PackedTable();
  for (let key = 0; key < 5_000; key += 1) table.add(key, key / 2);
  const before = contentOf(table);
  table.setValue(table.find(17), undefined);
  table.setValue(table.find(4_100), { a: 1 });
  table.add("17", -0);
  expect(contentOf(table)).toEqual([
    ...before.map(([key, value, side]) => [key, key === 17 ? undefined : key === 4_100 ? { a: 1 } : value, side]),
    ["17", -0, Number.NaN],
  ]);
  expect([table.find("18"), table.find(true), table.valueOf(table.find(18))]).toEqual([-1, -1, 9]);
  table.setValue(table.find(17), 8.5);
  table.setValue(table.find(4_100), 2_050);
  table.remove(table.find("17"));
  expect(contentOf(table)).toEqual(before);
});

test("keys that were prefetched are found where they are by then, also when some come, go or are asked for twice", () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    const random = new SeededRandom(seed);
    const table = new PackedTable();
    const model: Model = new Map();
    const draw = (): Key =>
      random.next() < 0.5 ? Math.floor(random.next() * 9_000) : `k${Math.floor(random.next() * 9_000)}`;
    for (let round = 0; round < 400; round += 1) {
      const isShrinking = round % 100 >= 60;
      const batch: Key[] = [];
      while (batch.length < 70) batch.push(random.next() < 0.2 && batch.length > 0 ? batch.at(-1)! : draw());
      table.prefetch(batch, 3, 67);
      for (const key of batch) {
        if (random.next() < 0.05) drop(table, model, draw());
        if (random.next() < (isShrinking ? 0.8 : 0.2)) drop(table, model, key);
        else put(table, model, key, random.next());
      }
    }
    check(table, model);
  }
});

test("a key that was prefetched is not taken for another one with its hash", () => {
  const count = 150_000;
  const table = new PackedTable();
  for (let index = 0; index < count; index += 1) table.add(`here ${index}`, index);
  const found: Key[] = [];
  for (let from = 0; from < count; from += 50) {
    const keys = Array.from({ length: 50 }, (_, index) => `gone ${from + index}`);
    table.prefetch(keys, 0, keys.length);
    found.push(...keys.filter((key) => table.find(key) >= 0));
  }
  expect(found).toEqual([]);
});
