import fc from "fast-check";
import { expect, test } from "vitest";
import { LookupCache } from "./lookup-cache.ts";

test("what was asked for the longest time ago makes room", () => {
  const cache = new LookupCache({ entriesMax: 2, ttlMs: 1_000, negativeTtlMs: 1_000 });
  cache.set("a", 1, 0);
  cache.set("b", 2, 0);
  cache.get("a", 1);

  cache.set("c", 3, 2);

  expect(["a", "b", "c"].map((key) => cache.get(key, 3)?.found)).toEqual([1, undefined, 3]);
});

test("an answer is good for its time, and that there is none for another one", () => {
  const cache = new LookupCache({ entriesMax: 10, ttlMs: 100, negativeTtlMs: 10 });
  cache.set("there", 1, 0);
  cache.set("not there", undefined, 0);
  cache.set("nothing", null, 0);

  const at = (nowMs: number) => ["there", "not there", "nothing"].map((key) => cache.get(key, nowMs));

  expect(at(9)).toMatchObject([{ found: 1 }, { found: undefined }, { found: null }]);
  expect(at(10)).toMatchObject([{ found: 1 }, undefined, undefined]);
  expect(at(100)).toEqual([undefined, undefined, undefined]);
  expect(cache.size).toBe(0);
});

test("whatever is asked and answered, it holds what a list of the last ones holds", () => {
  const asked = fc.record({ key: fc.nat(6), isSet: fc.boolean(), passesMs: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(asked), (all) => {
      const cache = new LookupCache({ entriesMax: 3, ttlMs: 10, negativeTtlMs: 0 });
      let model: { key: number; found: number; endsMs: number }[] = [];
      let nowMs = 0;
      for (const [number, { key, isSet, passesMs }] of all.entries()) {
        nowMs += passesMs;
        const known = model.find((each) => each.key === key);
        model = model.filter((each) => each !== known);
        if (isSet) {
          cache.set(key, number, nowMs);
          model = [...model, { key, found: number, endsMs: nowMs + 10 }].slice(-3);
        } else {
          const isGood = known !== undefined && known.endsMs > nowMs;
          if (isGood) model.push(known);
          expect(cache.get(key, nowMs)?.found).toBe(isGood ? known.found : undefined);
        }
        expect(cache.size).toBe(model.length);
      }
    }),
    { seed: 3 },
  );
});
