import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Grouping } from "../../actors/index.ts";
import { arbitraryGraph } from "../fixtures/arbitrary-graph.ts";
import { sampleGraph } from "../fixtures/sample-graph.ts";
import type { JobGraph } from "../job-graph.ts";
import { plan } from "../planner.ts";
import { cellKey } from "../run/channel-attempts.ts";
import { regionOf } from "./region.ts";

/** A source, its event time, and two steps behind it, of two instances each; the first is reached by the given grouping. */
function timedGraph(grouping: Grouping["kind"], label: string): JobGraph {
  const graph = sampleGraph([
    { parallelism: 1 },
    { parallelism: 1, inputs: [{ from: 0, grouping: "forward" }] },
    { parallelism: 2, inputs: [{ from: 1, grouping }] },
    { parallelism: 2, inputs: [{ from: 2, grouping: "key" }] },
  ]);
  const nodes = graph.nodes.map((node) => (node.id === 1 ? { ...node, label } : node));
  return { ...graph, nodes };
}

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

      const region = regionOf(jobPlan, graph, failed, "exactly-once");

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

      expect(regionOf(plan(graph, { hostCount: 2 }), graph, failed, guarantee)).toEqual(failed);
    }),
  );
});

describe("under at-least-once, with event time, who a failed cell leads to", () => {
  const regionBehind = (grouping: Grouping["kind"], label: string) => {
    const graph = timedGraph(grouping, label);
    return [...regionOf(plan(graph, { hostCount: 2 }), graph, [cellKey(0, 0)], "at-least-once")];
  };

  test.each(["shuffle", "least-loaded", "custom"] as const)(
    "starts over as well by %s, and nobody behind",
    (grouping) => {
      expect(regionBehind(grouping, "eventTime")).toEqual([cellKey(0, 0), cellKey(1, 0), cellKey(1, 1)]);
      expect(regionBehind(grouping, "sample")).toEqual([cellKey(0, 0)]);
    },
  );

  test.each(["key", "broadcast", "global"] as const)(
    "goes on by %s: what comes again goes the same way",
    (grouping) => {
      expect(regionBehind(grouping, "eventTime")).toEqual([cellKey(0, 0)]);
    },
  );
});
