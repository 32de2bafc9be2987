import fc from "fast-check";
import { expect, test } from "vitest";
import { CollectedEvents } from "./collected-events.ts";

test("has all events in order, in one array, whoever asks meanwhile and however large the parts were", () => {
  const part = fc.record({
    size: fc.integer({ min: 0, max: 200 }),
    before: fc.nat(3),
    behind: fc.nat(3),
    asks: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const collected = new CollectedEvents();
      const expected: number[] = [];
      const shown = collected.all();
      for (const { size, before, behind, asks } of parts) {
        const values = Array.from({ length: before + size + behind }, (_, index) => expected.length + index - before);
        expected.push(...values.slice(before, before + size));
        collected.add(values, before, before + size);
        expect(collected.length).toBe(expected.length);
        if (asks) expect(collected.all()).toEqual(expected);
      }
      expect(collected.all()).toEqual(expected);
      expect(collected.all()).toBe(shown);
    }),
  );
});
