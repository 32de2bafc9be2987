import fc from "fast-check";
import { expect, test } from "vitest";
import { type RowVersion, retained, rowAt, withVersion } from "./row-versions.ts";

test("a row as of a time is the last version at or before it, whatever order they came in, as far back as is retained", () => {
  const version = fc.record({ time: fc.integer({ min: 0, max: 9 }), row: fc.option(fc.nat()) });
  fc.assert(
    fc.property(fc.array(version, { maxLength: 15 }), fc.integer({ min: -1, max: 11 }), (all, horizon) => {
      let versions: readonly RowVersion<number>[] = [];
      for (const each of all) versions = withVersion(versions, each);
      const kept = retained(versions, horizon);

      for (let time = -1; time < 11; time += 1) {
        const at = Math.max(...all.filter((each) => each.time <= time).map((each) => each.time));
        const expected = all.findLast((each) => each.time === at)?.row ?? undefined;
        expect(rowAt(versions, time)).toBe(expected);
        if (time >= horizon) expect(rowAt(kept, time)).toBe(expected);
      }
      expect(kept.filter(({ time }) => time <= horizon).length).toBeLessThanOrEqual(1);
      expect(kept[0]?.row !== null || (kept[0]?.time ?? 0) > horizon).toBe(true);
    }),
    { seed: 1, numRuns: 500 },
  );
});
