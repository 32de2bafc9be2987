import { expect, test } from "vitest";
import { withObjectKeysMax } from "../state/packed/object-keys.ts";
import { DerivedByKey } from "./table-operator.ts";

test("of many keys what is known of those that came last is kept, and what was forgotten is made anew", async () => {
  await withObjectKeysMax(1, () => {
    const derived = new DerivedByKey<string>();
    const made: number[] = [];
    const get = (...keys: readonly number[]): readonly number[] => {
      made.length = 0;
      for (const key of keys) derived.get(key, () => `${made.push(key)}`);
      return [...made];
    };

    expect(get(0, 1, 2, 3, 4)).toEqual([0, 1, 2, 3, 4]);
    expect(get(1, 5, 6)).toEqual([5, 6]);
    expect(get(7, 5)).toEqual([7]);
    expect(get(0, 2, 3)).toEqual([0, 2, 3]);

    derived.forget(7);
    derived.forget(3);
    expect(get(3, 7, 5)).toEqual([3, 7]);
    return Promise.resolve();
  });
});
