import fc from "fast-check";
import { expect, test } from "vitest";
import { RetentionGuard } from "./retention-guard.ts";

test("above half of the limit an epoch is due, and at the limit sources pause until half of it is kept", () => {
  const guard = new RetentionGuard(100);

  expect([guard.note("a", 50), guard.isRaised]).toEqual([undefined, false]);
  expect([guard.note("b", 1), guard.isRaised, guard.isPaused]).toEqual([undefined, true, false]);
  expect([guard.note("b", 50), guard.isPaused]).toEqual(["pause", true]);
  expect(guard.note("b", 1)).toBeUndefined();
  expect([guard.note("b", 0), guard.isRaised, guard.isPaused]).toEqual(["resume", false, false]);
});

test("a cell that starts over keeps nothing", () => {
  const guard = new RetentionGuard(10);
  guard.note("a", 4);
  guard.note("b", 6);

  expect(guard.note("b", 0)).toBe("resume");
  expect(guard.bytes).toBe(4);
});

test("whatever cells tell, sources are told alternately, and pause from the limit down to its half", () => {
  const notes = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(60)));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), notes, (limit, all) => {
      const guard = new RetentionGuard(limit);
      const kept = new Map<string, number>();
      let isPaused = false;
      for (const [cell, bytes] of all) {
        kept.set(cell, bytes);
        const sum = [...kept.values()].reduce((total, each) => total + each, 0);
        const told: unknown = guard.note(cell, bytes);

        const expected: boolean = isPaused ? sum * 2 > limit : sum >= limit;
        expect(told).toBe(expected === isPaused ? undefined : expected ? "pause" : "resume");
        isPaused = expected;
        expect([guard.bytes, guard.isPaused, guard.isRaised]).toEqual([sum, isPaused, sum * 2 > limit]);
      }
    }),
  );
});
