import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { keyGroupCount } from "../limits.ts";
import { checkKey, keyGroupOf, keyHash, ownerOf } from "./key-hash.ts";

const anyKey: fc.Arbitrary<Key> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.bigInt(),
  fc.boolean(),
);

test("gives every key a group and an instance, for every parallelism", () => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 1, max: keyGroupCount }), (key, parallelism) => {
      const hash = keyHash(key);
      const group = keyGroupOf(key);
      const instance = ownerOf(group, parallelism);

      expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
      expect(Number.isInteger(group) && group >= 0 && group < keyGroupCount).toBe(true);
      expect(Number.isInteger(instance) && instance >= 0 && instance < parallelism).toBe(true);
    }),
    { numRuns: 2_000, seed: 1 },
  );
});

test("stays what it is: keys of stored state must find their group again", () => {
  // MurmurHash3 x86 32 of the bytes of each value with the seed of its type, computed with an independent implementation.
  const expected: [Key, number][] = [
    ["", 1364076727],
    ["a", 3484942910],
    ["car", 914552671],
    ["aircraft-17", 1250143292],
    ["\u{1F600}", 3287677161],
    ["\ud800", 171630906],
    [0, 115322364],
    [1, 332615954],
    [-1, 3756385555],
    [-(2 ** 31), 2074391132],
    [2 ** 31, 3170278515],
    [0.5, 4195775283],
    [Number.POSITIVE_INFINITY, 2990474698],
    [1_700_000_000_000, 3941085533],
    [false, 519245393],
    [true, 834474203],
    [0n, 3979418945],
    [-1n, 4034457834],
    [2n ** 64n, 2388691586],
  ];

  expect(expected.map(([key]) => [key, keyHash(key)])).toEqual(expected);
});

describe("keys that are the same and keys that are not", () => {
  test("-0 and 0 are the same, and so are equal numbers however they came about", () => {
    expect(keyHash(-0)).toBe(keyHash(0));
    expect(keyHash(0.1 + 0.2)).toBe(keyHash(0.30000000000000004));
    expect(keyHash(2 ** 31)).toBe(keyHash(0x80000000));
    expect(keyHash(-1)).not.toBe(keyHash(0xffffffff));
  });

  test("values of different types are different", () => {
    const hashes = [1, "1", 1n, true, "true"].map((key) => keyHash(key));

    expect(new Set(hashes).size).toBe(5);
  });

  test("similar keys are different: no collision among 100,000 of each kind but by chance", () => {
    const kinds: ((index: number) => Key)[] = [
      (index) => index,
      (index) => -index,
      (index) => index + 0.5,
      (index) => index * 2 ** 32,
      (index) => BigInt(index) << 64n,
      (index) => `sensor-${index}`,
      (index) => String.fromCharCode(index % 256, index / 256),
    ];

    for (const kind of kinds) {
      const count = kind(1) === "\u0001\u0000" ? 65_536 : 100_000;
      const distinct = new Set(Array.from({ length: count }, (_, index) => keyHash(kind(index)))).size;

      // Birthdays: about 1.2 collisions are expected among 100,000 of 2^32.
      expect(count - distinct).toBeLessThanOrEqual(8);
    }
  });
});

describe("the spread over groups and instances", () => {
  const kinds: Record<string, (index: number) => Key> = {
    "numbers in a row": (index) => index,
    "multiples of 128": (index) => index * 128,
    "numbers with a fraction": (index) => index / 10,
    "ids with a prefix": (index) => `aircraft-${index}`,
    "hexadecimal ids": (index) => (0x3c0000 + index * 7).toString(16),
    "milliseconds since the epoch": (index) => 1_700_000_000_000 + index * 60_000,
    bigints: (index) => 10n ** 18n + BigInt(index),
  };

  test.each(Object.keys(kinds))("is even within 25 %% for %s", (name) => {
    const perGroup = new Array<number>(keyGroupCount).fill(0);
    const perInstance = new Array<number>(4).fill(0);
    const count = keyGroupCount * 1_000;

    for (let index = 0; index < count; index += 1) {
      const group = keyGroupOf(kinds[name]!(index));
      perGroup[group]! += 1;
      perInstance[ownerOf(group, 4)]! += 1;
    }

    for (const found of perGroup) expect(Math.abs(found - 1_000)).toBeLessThan(250);
    for (const found of perInstance) expect(Math.abs(found - count / 4)).toBeLessThan((count / 4) * 0.02);
  });

  test("gives each instance a range of groups without a gap, of nearly equal size", () => {
    for (let parallelism = 1; parallelism <= keyGroupCount; parallelism += 1) {
      const owners = Array.from({ length: keyGroupCount }, (_, group) => ownerOf(group, parallelism));
      const sizes = Array.from({ length: parallelism }, (_, instance) => owners.filter((o) => o === instance).length);

      expect(owners).toEqual([...owners].sort((a, b) => a - b));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });
});

test.each([undefined, null, Number.NaN, {}, ["a"], Symbol("s"), () => "a", new Date(0)])("%s is no key", (value) => {
  expect(() => checkKey("keyBy", value)).toThrow(
    expect.objectContaining({
      code: "ERR_ACT_KEY",
      message: expect.stringMatching(
        /^keyBy: expected a string, a number other than NaN, a bigint or a boolean, got ./,
      ),
    }),
  );
});

test.each(["", "a", 0, -1.5, Number.POSITIVE_INFINITY, 0n, -5n, false])("%s is a key", (value) => {
  expect(checkKey("keyBy", value)).toBeUndefined();
});
