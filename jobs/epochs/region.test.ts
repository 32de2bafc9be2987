import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Grouping } from "../../actors/index.ts";
import { arbitraryGraph } from "../fixtures/arbitrary-graph.ts";
import { sampleGraph } from "../fixtures/sample-graph.ts";
import type { JobGraph } from "../job-graph.ts";
import { plan } from "../planner.ts";
import { cellKey } from "../run/channel-attempts.ts";
import { regionOf } from "./region.ts";
import { unkeptChannels } from "./unkept-channels.ts";

const none: ReadonlySet<number> = new Set();

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

/** A plan, what its channels join, and cells of it that fail. */
function drawn([graph, hostCount, picks]: [JobGraph, number, readonly number[]]) {
  const jobPlan = plan(graph, { hostCount });
  const cells = jobPlan.chains.flatMap(({ id, instances }) => instances.map(({ instance }) => cellKey(id, instance)));
  const ends = jobPlan.channels.map(({ id, fromChain, fromInstance, toChain, toInstance }) => ({
    id,
    from: cellKey(fromChain, fromInstance),
    to: cellKey(toChain, toInstance),
  }));
  return { graph, jobPlan, ends, failed: new Set(picks.map((pick) => cells[pick % cells.length] as string)) };
}

test("under exactly-once nobody outside a region gets anything from it, and everybody in it follows from a failure", () => {
  fc.assert(
    fc.property(cases, (given) => {
      const { graph, jobPlan, ends, failed } = drawn(given);

      const region = regionOf(jobPlan, graph, failed, "exactly-once", none);

      for (const { from, to } of ends) expect(region.has(from) && !region.has(to)).toBe(false);
      for (const cell of region) {
        expect(failed.has(cell) || ends.some(({ from, to }) => to === cell && region.has(from))).toBe(true);
      }
      for (const cell of failed) expect(region.has(cell)).toBe(true);
    }),
  );
});

test("a channel that keeps nothing has none or both of its ends in a region, which goes on along nothing else", () => {
  fc.assert(
    fc.property(
      cases,
      fc.constantFrom("exactly-once", "at-least-once"),
      fc.func(fc.boolean()),
      (given, guarantee, picked) => {
        const { graph, jobPlan, ends, failed } = drawn(given);
        const unkept = new Set(ends.flatMap(({ id }) => (picked(id) ? [id] : [])));

        const region = regionOf(jobPlan, graph, failed, guarantee, unkept);

        for (const { id, from, to } of ends) if (unkept.has(id)) expect(region.has(from)).toBe(region.has(to));
        const narrow = regionOf(jobPlan, graph, region, guarantee, none);
        expect(narrow).toEqual(region);
        for (const cell of region) {
          const isReached = ends.some(
            ({ id, from, to }) =>
              (to === cell && region.has(from) && (guarantee === "exactly-once" || unkept.has(id))) ||
              (from === cell && region.has(to) && unkept.has(id)),
          );
          expect(failed.has(cell) || isReached).toBe(true);
        }
      },
    ),
  );
});

test("under at-least-once who has ended since the checkpoint starts over with who sends to it, and nobody else for it", () => {
  fc.assert(
    fc.property(cases, fc.func(fc.boolean()), (given, picked) => {
      const { graph, jobPlan, ends, failed } = drawn(given);
      const ended = new Set(ends.flatMap(({ to }) => (picked(to) ? [to] : [])));

      const region = regionOf(jobPlan, graph, failed, "at-least-once", none, ended);

      for (const { from, to } of ends) if (region.has(from) && ended.has(to)) expect(region.has(to)).toBe(true);
      for (const cell of region) {
        const isSentAgain = ended.has(cell) && ends.some(({ from, to }) => to === cell && region.has(from));
        expect(failed.has(cell) || isSentAgain).toBe(true);
      }
      expect(regionOf(jobPlan, graph, failed, "at-most-once", none, ended)).toEqual(failed);
    }),
  );
});

test("a region does not leave a thread against the stream", () => {
  fc.assert(
    fc.property(cases, (given) => {
      const { graph, jobPlan } = drawn(given);

      for (const id of unkeptChannels(jobPlan, graph)) {
        const { fromChain, fromInstance, toChain, toInstance } = jobPlan.channels[id] as (typeof jobPlan.channels)[0];
        expect(jobPlan.chains[fromChain]?.instances[fromInstance]?.host).toBe(
          jobPlan.chains[toChain]?.instances[toInstance]?.host,
        );
      }
    }),
  );
});

test.each(["at-least-once", "at-most-once"] as const)(
  "under %s only those that failed start over, where all is kept",
  (guarantee) => {
    fc.assert(
      fc.property(arbitraryGraph, (graph) => {
        const failed = new Set([cellKey(0, 0)]);

        expect(regionOf(plan(graph, { hostCount: 2 }), graph, failed, guarantee, none)).toEqual(failed);
      }),
    );
  },
);

test("under at-most-once nobody is taken along", () => {
  const graph = timedGraph("key", "sample");
  const jobPlan = plan(graph, { hostCount: 0 });
  const all = new Set(jobPlan.channels.map(({ id }) => id));

  expect([...regionOf(jobPlan, graph, ["1/0"], "at-most-once", all)]).toEqual(["1/0"]);
});

describe("under at-least-once, with event time, who a failed cell leads to", () => {
  const regionBehind = (grouping: Grouping["kind"], label: string) => {
    const graph = timedGraph(grouping, label);
    return [...regionOf(plan(graph, { hostCount: 2 }), graph, [cellKey(0, 0)], "at-least-once", none)];
  };

  test.each(["shuffle", "least-loaded", "custom"] as const)(
    "starts over as well by %s, and nobody behind",
    (grouping) => {
      expect(regionBehind(grouping, "eventTime")).toEqual([cellKey(0, 0), cellKey(1, 0), cellKey(1, 1)]);
      expect(regionBehind(grouping, "sample")).toEqual([cellKey(0, 0)]);
    },
  );

  test.each(["shuffle", "least-loaded", "custom"] as const)(
    "starts over as well by %s, and who is sent to by nobody but one of those",
    (grouping) => {
      const graph = sampleGraph([
        { parallelism: 1 },
        { parallelism: 1, inputs: [{ from: 0, grouping: "forward" }] },
        { parallelism: 2, inputs: [{ from: 1, grouping }] },
        { parallelism: 2, inputs: [{ from: 2, grouping: "forward" }] },
        { parallelism: 2, inputs: [{ from: 2, grouping: "key" }] },
        { parallelism: 2, inputs: [{ from: 3, grouping: "forward" }] },
        { parallelism: 2, inputs: [{ from: 3, grouping: "key" }] },
      ]);
      const nodes = graph.nodes.map((node) => (node.id === 1 ? { ...node, label: "eventTime" } : node));
      const jobPlan = plan({ ...graph, nodes }, { hostCount: 2 });
      const cellsOf = (node: number) => {
        const chain = jobPlan.chains.findIndex((each) => each.nodes.includes(node));
        return [cellKey(chain, 0), cellKey(chain, 1)];
      };

      const region = regionOf(jobPlan, { ...graph, nodes }, [cellKey(0, 0)], "at-least-once", none);

      expect(cellsOf(3)).not.toEqual(cellsOf(2));
      for (const cell of [2, 3, 5].flatMap(cellsOf)) expect(region).toContain(cell);
      for (const cell of [4, 6].flatMap(cellsOf)) expect(region).not.toContain(cell);
    },
  );

  test.each(["key", "broadcast", "global"] as const)(
    "goes on by %s: what comes again goes the same way",
    (grouping) => {
      expect(regionBehind(grouping, "eventTime")).toEqual([cellKey(0, 0)]);
    },
  );
});
