import { expect, test } from "vitest";
import type { Key } from "../batch.ts";
import { encodedStateKeysMax } from "../limits.ts";
import { KeyedCell, KeyedState } from "./keyed-state.ts";
import { withObjectKeysMax } from "./packed/object-keys.ts";

test("keeps one cell per key, in the order the keys were first seen", () => {
  const state = new KeyedState<number>();
  for (const key of ["b", 1, "a", "1", 1n, true]) state.add(new KeyedCell(key, 0));

  const cell = state.find("a");
  if (cell !== undefined) state.write(cell, 5);

  expect([...state.cells()].map(({ key, value }) => [key, value])).toEqual([
    ["b", 0],
    [1, 0],
    ["a", 5],
    ["1", 0],
    [1n, 0],
    [true, 0],
  ]);
  expect(state.size).toBe(6);
});

test("takes -0 and 0 for one key", () => {
  const state = new KeyedState<number>();
  state.add(new KeyedCell(0, 7));

  expect(state.find(-0)?.value).toBe(7);
});

test("asserts that a key gets no second cell", () => {
  const state = new KeyedState<number>();
  state.add(new KeyedCell("a", 0));

  expect(() => state.add(new KeyedCell("a", 1))).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
});

test("a key that was removed and came back changed twice, the removed cell first", () => {
  const state = new KeyedState<number>();
  const first = new KeyedCell("a", 1);
  state.add(first);
  expect(state.takeChanged()).toEqual([first]);

  state.write(first, 2);
  state.remove(first);
  const second = new KeyedCell("a", 3);
  state.add(second);

  expect(state.takeChanged().map(({ value, present }) => [value, present])).toEqual([
    [2, false],
    [3, true],
  ]);
  expect([...state.cells()]).toEqual([second]);
});

test("notes no change before it is told to track them", () => {
  const state = new KeyedState<number>(false);
  const [kept, removed] = [new KeyedCell("a", 1), new KeyedCell("b", 1)];
  state.add(kept);
  state.add(removed);
  state.write(kept, 2);
  state.remove(removed);
  expect(state.takeChanged()).toEqual([]);
  state.write(kept, 4);
  expect(state.takeChanged()).toEqual([]);

  state.track();
  state.write(kept, 3);

  expect(state.takeChanged()).toEqual([kept]);
});

test("single values that have to be encoded are objects where as many numbers and lists are packed", () => {
  const packing = { sideOf: () => Number.NaN, unpacked: <S>(key: Key, value: S) => new KeyedCell(key, value) };
  const isPackedWith = <S>(value: S, more: object) => {
    const state = new KeyedState<S>(false, { ...packing, ...more });
    for (let key = 0; key <= encodedStateKeysMax; key += 1) state.add(new KeyedCell(key, value));
    return state.isPacked;
  };

  expect(isPackedWith({ n: 1 }, {})).toBe(false);
  expect(isPackedWith(1, {})).toBe(true);
  expect(isPackedWith([1], { staysObject: () => false })).toBe(true);
});

test("values that have to be encoded are, few at a time, when they have not changed for longest", async () => {
  await withObjectKeysMax(25, () => {
    const objectsMax = 100;
    let packed: Key[] = [];
    const state = new KeyedState<{ n: number }>(true, {
      keptOf: ({ key, value }) => {
        packed.push(key);
        return value;
      },
      sideOf: () => Number.NaN,
      unpacked: (key, value) => new KeyedCell(key, value),
    });
    const packedAt = (change: () => void) => {
      packed = [];
      change();
      return packed;
    };
    const writeOf = (key: Key) => () => state.write(state.find(key)!, { n: 1 });

    for (let key = 0; key <= objectsMax; key += 1)
      expect(packedAt(() => state.add(new KeyedCell(key, { n: 0 })))).toEqual([]);
    expect(state.isPacked).toBe(true);
    for (let change = 0; change < 1_000; change += 1) expect(packedAt(writeOf(change % 50))).toEqual([]);
    // One of them was one too many.
    expect(packedAt(() => state.add(new KeyedCell(objectsMax + 1, { n: 0 })))).toEqual([50, 51]);
    expect(packedAt(() => state.add(new KeyedCell(objectsMax + 2, { n: 0 })))).toEqual([52]);
    expect(packedAt(writeOf(50))).toEqual([53]);
    expect(state.find(51)!.value).toEqual({ n: 0 });
    expect(state.find(50)!.value).toEqual({ n: 1 });

    // Of more than twice as many keys none is held, and those that are go two by two.
    let most = 0;
    for (let key = 200; key < 600; key += 1)
      most = Math.max(most, packedAt(() => state.add(new KeyedCell(key, { n: 0 }))).length);
    expect(most).toBe(3);
    expect(packedAt(() => state.add(new KeyedCell(600, { n: 0 })))).toEqual([600]);
    expect(
      state
        .cells()
        .filter(({ value }) => value.n === 1)
        .toArray(),
    ).toHaveLength(51);
    return Promise.resolve();
  });
});

test("who walks through values goes on where it was when they are held, and packed one by one", async () => {
  await withObjectKeysMax(5, () => {
    const state = new KeyedState<{ n: number }>(true, {
      sideOf: () => Number.NaN,
      unpacked: (key, value) => new KeyedCell(key, value),
    });
    const objectsMax = 20;
    for (let key = 0; key < objectsMax; key += 1) state.add(new KeyedCell(key, { n: key }));
    const walk = state.cells();
    const met = [walk.next().value?.key, walk.next().value?.key];

    // Those that were not met yet are packed before the walk goes on.
    for (let key = objectsMax; key < 2 * objectsMax; key += 1) state.add(new KeyedCell(key, { n: key }));
    for (const { key, value } of walk) met.push(value.n === key ? key : "otherwise");

    expect(state.isPacked).toBe(true);
    expect(met).toEqual(Array.from({ length: 2 * objectsMax }, (_, key) => key));
    return Promise.resolve();
  });
});
