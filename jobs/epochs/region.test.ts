import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryGraph } from "../fixtures/arbitrary-graph.ts";
import { plan } from "../planner.ts";
import { cellKey } from "../run/channel-attempts.ts";
import { regionOf } from "./region.ts";

const cases = fc.tuple(
  arbitraryGraph,
  fc.integer({ min: 0, max: 3 }),
  fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
);

test("under exactly-once nobody outside a region gets anything from it, and everybody in it follows from a failure", () => {
  fc.assert(
    fc.property(cases, ([graph, hostCount, picks]) => {
      const jobPlan = plan(graph, { hostCount });
      const cells = jobPlan.chains.flatMap(({ id, instances }) =>
        instances.map(({ instance }) => cellKey(id, instance)),
      );
      const failed = new Set(picks.map((pick) => cells[pick % cells.length] as string));

      const region = regionOf(jobPlan, failed, "exactly-once");

      const ends = jobPlan.channels.map(({ fromChain, fromInstance, toChain, toInstance }) => ({
        from: cellKey(fromChain, fromInstance),
        to: cellKey(toChain, toInstance),
      }));
      for (const { from, to } of ends) expect(region.has(from) && !region.has(to)).toBe(false);
      for (const cell of region) {
        expect(failed.has(cell) || ends.some(({ from, to }) => to === cell && region.has(from))).toBe(true);
      }
      for (const cell of failed) expect(region.has(cell)).toBe(true);
    }),
  );
});

test.each(["at-least-once", "at-most-once"] as const)("under %s only those that failed start over", (guarantee) => {
  fc.assert(
    fc.property(arbitraryGraph, (graph) => {
      const failed = new Set([cellKey(0, 0)]);

      expect(regionOf(plan(graph, { hostCount: 2 }), failed, guarantee)).toEqual(failed);
    }),
  );
});
