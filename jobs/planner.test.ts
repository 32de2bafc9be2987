import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arbitraryGraph } from "./fixtures/arbitrary-graph.ts";
import { sampleGraph } from "./fixtures/sample-graph.ts";
import type { GraphEdge, GraphNode, JobGraph } from "./job-graph.ts";
import { edgesInto } from "./job-graph.ts";
import type { JobPlan } from "./job-plan.ts";
import { plan } from "./planner.ts";

const hostCounts = fc.integer({ min: 0, max: 5 });

describe("plans of random graphs", () => {
  test("place every instance of every operator once, on a host that its placement allows", () => {
    fc.assert(
      fc.property(arbitraryGraph, hostCounts, (graph, hostCount) => {
        const jobPlan = plan(graph, { hostCount });

        const placed = jobPlan.chains.flatMap((chain) =>
          chain.nodes.flatMap((node) => chain.instances.map((instance) => `${node}/${instance.instance}`)),
        );
        const expected = graph.nodes.flatMap((node) =>
          Array.from({ length: node.parallelism }, (_, instance) => `${node.id}/${instance}`),
        );
        expect(placed.toSorted()).toEqual(expected.toSorted());
        for (const chain of jobPlan.chains) {
          for (const { host } of chain.instances) {
            const onMain = hostCount === 0 || chain.nodes.some((id) => node(graph, id).placement.kind === "main");
            if (onMain) expect(host).toBe(0);
            else expect(host >= 1 && host <= hostCount).toBe(true);
          }
        }
      }),
    );
  });

  test("give every edge between chains exactly the channels that its grouping needs", () => {
    fc.assert(
      fc.property(arbitraryGraph, hostCounts, (graph, hostCount) => {
        const jobPlan = plan(graph, { hostCount });

        for (const edge of graph.edges) {
          const found = jobPlan.channels
            .filter((channel) => channel.edge === edge.id)
            .map((channel) => `${channel.fromInstance}>${channel.toInstance}`);
          expect(found.toSorted()).toEqual(isInsideChain(edge, jobPlan) ? [] : expectedChannels(edge, graph));
        }
      }),
    );
  });

  test("list every channel once at its start and once at its end", () => {
    fc.assert(
      fc.property(arbitraryGraph, hostCounts, (graph, hostCount) => {
        const jobPlan = plan(graph, { hostCount });

        const ids = jobPlan.channels.map((channel) => channel.id).toSorted(ascending);
        const instances = jobPlan.chains.flatMap((chain) => chain.instances);
        const inputs = instances.flatMap((instance) => instance.inputs).toSorted(ascending);
        const outputs = instances.flatMap((instance) => instance.outputs.flatMap((output) => output.channels));
        expect(inputs).toEqual(ids);
        expect(outputs.toSorted(ascending)).toEqual(ids);
      }),
    );
  });

  test("chain exactly the edges that lose nothing by it", () => {
    fc.assert(
      fc.property(arbitraryGraph, hostCounts, (graph, hostCount) => {
        const jobPlan = plan(graph, { hostCount });

        for (const edge of graph.edges) expect(isInsideChain(edge, jobPlan)).toBe(mayChain(edge, graph));
      }),
    );
  });

  test("let only the head of a chain take from channels and only its tail send to them", () => {
    fc.assert(
      fc.property(arbitraryGraph, hostCounts, (graph, hostCount) => {
        const jobPlan = plan(graph, { hostCount });

        for (const chain of jobPlan.chains) {
          for (const instance of chain.instances) {
            for (const id of instance.inputs) {
              const channel = jobPlan.channels[id];
              expect(graph.edges[channel?.edge ?? -1]?.to).toBe(chain.nodes[0]);
            }
            for (const output of instance.outputs) expect(output.node).toBe(chain.nodes.at(-1));
          }
        }
      }),
    );
  });

  test("are the same for the same graph and number of hosts", () => {
    fc.assert(
      fc.property(arbitraryGraph, hostCounts, (graph, hostCount) => {
        expect(plan(graph, { hostCount })).toEqual(plan(graph, { hostCount }));
      }),
    );
  });
});

test("the outputs of an instance list their channels by downstream instance", () => {
  const graph = sampleGraph([{ parallelism: 2 }, { parallelism: 3, inputs: [{ from: 0, grouping: "shuffle" }] }]);

  const jobPlan = plan(graph, { hostCount: 2 });

  for (const instance of jobPlan.chains[0]?.instances ?? []) {
    const [output] = instance.outputs;
    expect(output?.channels.map((id) => jobPlan.channels[id]?.toInstance)).toEqual([0, 1, 2]);
  }
});

test("instances that are joined by forward without being chained stay on one host where the load allows it", () => {
  const graph = sampleGraph([
    { parallelism: 1 },
    { parallelism: 1 },
    { parallelism: 2, inputs: [{ from: 1, grouping: "shuffle" }] },
    { parallelism: 2, heads: true, inputs: [{ from: 2, grouping: "forward" }] },
    { parallelism: 1, heads: true, inputs: [{ from: 1, grouping: "forward" }] },
  ]);

  const jobPlan = plan(graph, { hostCount: 2 });

  const hosts = jobPlan.chains.map((chain) => chain.instances.map((instance) => instance.host));
  expect(hosts).toEqual([[1], [2], [1, 2], [1, 2], [2]]);
});

test("a source that cannot be read again is a chain of its own, on the thread of what would be chained with it", () => {
  const forward = [{ from: 0, grouping: "forward" }] as const;
  for (const replayable of [false, true]) {
    const graph = sampleGraph([
      { parallelism: 3, replayable },
      { parallelism: 3, inputs: forward },
    ]);

    const { chains } = plan(graph, { hostCount: 2 });

    expect(chains.map(({ nodes }) => nodes)).toEqual(replayable ? [[0, 1]] : [[0], [1]]);
    for (const { instances } of chains) expect(instances.map(({ host }) => host)).toEqual([1, 2, 1]);
  }
});

test("a fork at a chained operator ends its chain", () => {
  const forward = [{ from: 0, grouping: "forward" }] as const;
  const graph = sampleGraph([
    { parallelism: 1 },
    { parallelism: 1, inputs: forward },
    { parallelism: 1, inputs: forward },
  ]);

  const jobPlan = plan(graph, { hostCount: 1 });

  expect(jobPlan.chains.map((chain) => chain.nodes)).toEqual([[0], [1], [2]]);
});

test("a number of hosts that is not allowed is refused", () => {
  const graph = sampleGraph([{ parallelism: 1 }]);

  for (const hostCount of [-1, 1.5, Number.NaN, 257]) {
    expect(() => plan(graph, { hostCount })).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  }
});

function node(graph: JobGraph, id: number): GraphNode {
  return graph.nodes[id] as GraphNode;
}

function isInsideChain(edge: GraphEdge, jobPlan: JobPlan): boolean {
  return jobPlan.places[edge.from]?.chain === jobPlan.places[edge.to]?.chain;
}

function expectedChannels(edge: GraphEdge, graph: JobGraph): string[] {
  const names: string[] = [];
  for (let from = 0; from < node(graph, edge.from).parallelism; from++) {
    for (let to = 0; to < node(graph, edge.to).parallelism; to++) {
      if (edge.grouping.kind !== "forward" || from === to) names.push(`${from}>${to}`);
    }
  }
  return names.toSorted();
}

function mayChain(edge: GraphEdge, graph: JobGraph): boolean {
  const [from, to] = [node(graph, edge.from), node(graph, edge.to)];
  return (
    edge.grouping.kind === "forward" &&
    (from.kind !== "source" || from.spec.replayable) &&
    graph.edges.filter((edge) => edge.from === from.id).length === 1 &&
    edgesInto(graph, to.id).length === 1 &&
    from.placement.kind === to.placement.kind &&
    JSON.stringify(from.supervision) === JSON.stringify(to.supervision) &&
    !(to.kind === "operator" && to.spec.heads === true)
  );
}

function ascending(left: number, right: number): number {
  return left - right;
}
