import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring } from "./ring.ts";

test("behaves like an array, whatever is pushed, taken and put back in front", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant("shift" as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant("unshift" as const), count: fc.integer({ min: 1, max: 40 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ring = new Ring<number>();
      const model: number[] = [];
      let next = 0;
      for (const { kind, count } of steps) {
        for (let index = 0; index < count; index += 1) {
          next += 1;
          if (kind === "shift") {
            expect(ring.shift()).toBe(model.shift());
          } else {
            ring[kind](next);
            model[kind](next);
          }
          expect(ring.length).toBe(model.length);
        }
      }
      expect(ring.drain()).toEqual(model);
      expect(ring.length).toBe(0);
    }),
  );
});
