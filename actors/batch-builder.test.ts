import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BatchBuilder } from "./batch-builder.ts";

test("gives back what was added, however often it is taken in between", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), value: fc.anything(), time: fc.double() }),
    fc.record({ kind: fc.constant("take" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step), fc.boolean(), fc.boolean(), (steps, timed, keyed) => {
      const builder = new BatchBuilder();
      const added: unknown[] = [];
      const taken: unknown[] = [];
      const take = () => {
        const expectedLength = builder.length;
        const { values, times, keys } = builder.take();
        expect([values.length, builder.length]).toEqual([expectedLength, 0]);
        expect([times?.length, keys?.length]).toEqual([
          timed && expectedLength > 0 ? expectedLength : undefined,
          keyed && expectedLength > 0 ? expectedLength : undefined,
        ]);
        for (const [index, value] of values.entries()) taken.push([value, times?.[index], keys?.[index]]);
      };

      for (const [index, current] of steps.entries()) {
        if (current.kind === "take") {
          take();
          continue;
        }
        const event = [current.value, timed ? current.time : undefined, keyed ? index : undefined] as const;
        added.push(event);
        builder.add(...event);
      }
      take();

      expect(taken).toEqual(added);
    }),
  );
});

test("never changes a batch that was taken", () => {
  const builder = new BatchBuilder();
  builder.add("a", 1, "k");
  const first = builder.take();
  expect(builder.take()).toEqual({ values: [], times: undefined, keys: undefined });

  builder.add("b", 2, "l");
  builder.mark();
  builder.add("c", 3, "m");
  builder.takeBack();
  const second = builder.take();

  expect(first).toEqual({ values: ["a"], times: [1], keys: ["k"] });
  expect(second).toEqual({ values: ["b"], times: [2], keys: ["l"] });
});

test("adds ranges of batches behind what is there", () => {
  const builder = new BatchBuilder();
  const batch = { values: ["a", "b", "c", "d"], times: [1, 2, 3, 4], keys: ["k", "l", "m", "n"] };

  builder.addRange(batch, 3, 4);
  builder.addRange(batch, 2, 2);
  builder.addRange(batch, 0, 2);

  expect(builder.take()).toEqual({ values: ["d", "a", "b"], times: [4, 1, 2], keys: ["n", "k", "l"] });
});

test("adds whole batches, whatever comes before and behind, and leaves their arrays alone", () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constantFrom("add" as const, "take" as const, "mark" as const, "takeBack" as const),
      count: fc.constant(1),
    }),
    fc.record({ kind: fc.constantFrom("addWhole" as const, "addRange" as const), count: fc.nat(3) }),
  );
  fc.assert(
    fc.property(fc.array(step), fc.boolean(), (steps, timed) => {
      const builder = new BatchBuilder();
      const expected: number[] = [];
      let [number, mark] = [0, 0];
      const next = (count: number) => Array.from({ length: count }, () => (number += 1));
      for (const current of steps) {
        if (current.kind === "add") {
          const [value] = next(1);
          builder.add(value, timed ? value : undefined, undefined);
          expected.push(value!);
        } else if (current.kind === "take") {
          const values = [...expected];
          expect(builder.take()).toEqual({
            values,
            times: timed && values.length > 0 ? values : undefined,
            keys: undefined,
          });
          expected.length = mark = 0;
        } else if (current.kind === "mark") {
          builder.mark();
          mark = expected.length;
        } else if (current.kind === "takeBack") {
          builder.takeBack();
          expected.length = mark;
        } else {
          // A frozen array throws when it is changed.
          const values = Object.freeze(next(current.count));
          const times = timed ? values : undefined;
          if (current.kind === "addWhole") builder.addWhole(values, times);
          else builder.addRange({ values, times, keys: undefined }, 0, values.length);
          expected.push(...values);
        }
        expect(builder.length).toBe(expected.length);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("hands a whole batch on without a copy", () => {
  const builder = new BatchBuilder();
  const values = ["a", "b"];

  builder.addWhole(values, undefined);

  expect(builder.take().values).toBe(values);
});

test("takes back the events since the last mark", () => {
  const builder = new BatchBuilder();
  builder.mark();
  builder.add("a", 1, undefined);
  builder.mark();
  builder.add("b", 2, undefined);
  builder.add("c", 3, undefined);

  builder.takeBack();
  builder.add("d", 4, undefined);

  expect(builder.take()).toEqual({ values: ["a", "d"], times: [1, 4], keys: undefined });
});

test("forgets a mark with the batch that it was in", () => {
  const builder = new BatchBuilder();
  builder.add("a", 1, undefined);
  builder.mark();
  builder.take();
  builder.add("b", 2, undefined);

  builder.takeBack();

  expect(builder.length).toBe(0);
});

describe("event times on some events only", () => {
  test.each([
    { first: 1, second: undefined },
    { first: undefined, second: 1 },
  ])("are refused, wherever a batch ends: $first, then $second", ({ first, second }) => {
    for (const taken of [false, true]) {
      const builder = new BatchBuilder();
      builder.add("a", first, undefined);
      if (taken) builder.take();
      const lengthBefore = builder.length;
      const mixed = expect.objectContaining({ code: "ERR_ACT_MIXED_TIMES" });

      expect(() => builder.add("b", second, undefined)).toThrow(mixed);
      const batch = { values: ["b"], times: second === undefined ? undefined : [second], keys: undefined };
      expect(() => builder.addRange(batch, 0, 1)).toThrow(mixed);
      expect(() => builder.addWhole(batch.values, batch.times)).toThrow(mixed);
      expect(() => builder.expectTimes(second !== undefined)).toThrow(mixed);

      expect(builder.length).toBe(lengthBefore);
    }
  });
});

test("asserts that all events of a batch have a key or none has", () => {
  const builder = new BatchBuilder();
  builder.add("a", undefined, "k");

  expect(() => builder.add("b", undefined, undefined)).toThrow(expect.objectContaining({ code: "ERR_RT_INVARIANT" }));
});
