/** The invariants of a plan (job-plan.ts), asserted on every plan that is made: a wrong one would lose events silently. */

import { assert } from "../runtime/index.ts";
import type { GraphEdge, JobGraph } from "./job-graph.ts";
import type { JobPlan } from "./job-plan.ts";

/** @throws ERR_RT_INVARIANT naming the first invariant that `jobPlan` breaks */
export function assertPlan(jobPlan: JobPlan, graph: JobGraph): void {
  assertChains(jobPlan, graph);
  assertHosts(jobPlan, graph);
  const channelsOfEdges = Map.groupBy(jobPlan.channels, (channel) => channel.edge);
  for (const edge of graph.edges) {
    const ends = (channelsOfEdges.get(edge.id) ?? []).map((channel) => `${channel.fromInstance}>${channel.toInstance}`);
    const expected = expectedEnds(edge, jobPlan, graph);
    assert(
      ends.length === expected.length && new Set(ends).size === ends.length,
      "L3: an edge has exactly its channels",
    );
    assert(isSubset(ends, expected), "L3: an edge has exactly its channels");
  }
  assertEnds(jobPlan);
}

function assertChains(jobPlan: JobPlan, graph: JobGraph): void {
  const placed = jobPlan.chains.flatMap((chain) => chain.nodes);
  assert(placed.length === graph.nodes.length, "L1: every node is in exactly one chain");
  assert(new Set(placed).size === placed.length, "L1: every node is in exactly one chain");
  for (const [index, chain] of jobPlan.chains.entries()) {
    assert(chain.id === index, "L4: the id of a chain is its index");
    assert(chain.nodes.length > 0, "L1: a chain has a head");
    for (const [position, node] of chain.nodes.entries()) {
      const place = jobPlan.places[node];
      assert(place?.chain === index && place.indexInChain === position, "L1: places mirror the chains");
      assert(graph.nodes[node]?.parallelism === chain.instances.length, "L1: one instance per unit of parallelism");
    }
  }
}

function assertHosts(jobPlan: JobPlan, graph: JobGraph): void {
  for (const chain of jobPlan.chains) {
    const onMain = jobPlan.hostCount === 0 || chain.nodes.some((node) => graph.nodes[node]?.placement.kind === "main");
    for (const [number, instance] of chain.instances.entries()) {
      assert(instance.instance === number, "L1: instances are numbered from 0");
      const isAllowed = onMain ? instance.host === 0 : instance.host >= 1 && instance.host <= jobPlan.hostCount;
      assert(isAllowed, "L2: an instance is on the host that its placement allows");
    }
  }
}

function expectedEnds(edge: GraphEdge, jobPlan: JobPlan, graph: JobGraph): string[] {
  if (jobPlan.places[edge.from]?.chain === jobPlan.places[edge.to]?.chain) return [];
  const from = graph.nodes[edge.from]?.parallelism ?? 0;
  const to = graph.nodes[edge.to]?.parallelism ?? 0;
  const pairs = Array.from({ length: from * to }, (_, index) => [Math.floor(index / to), index % to] as const);
  const kept = edge.grouping.kind === "forward" ? pairs.filter(([left, right]) => left === right) : pairs;
  return kept.map(([left, right]) => `${left}>${right}`);
}

function isSubset(items: readonly string[], of: readonly string[]): boolean {
  return new Set(items).isSubsetOf(new Set(of));
}

function assertEnds(jobPlan: JobPlan): void {
  const instances = jobPlan.chains.flatMap((chain) =>
    chain.instances.map((instance) => ({ chain: chain.id, instance })),
  );
  const inputs = instances.flatMap(({ chain, instance }) => instance.inputs.map((id) => ({ chain, instance, id })));
  const outputs = instances.flatMap(({ chain, instance }) =>
    instance.outputs.flatMap((output) => output.channels.map((id) => ({ chain, instance, output, id }))),
  );
  assert(inputs.length === jobPlan.channels.length, "L4: a channel is an input once");
  assert(outputs.length === jobPlan.channels.length, "L4: a channel is an output once");
  for (const { chain, instance, id } of inputs) {
    const channel = jobPlan.channels[id];
    assert(channel?.id === id, "L4: the id of a channel is its index");
    assert(channel.toChain === chain && channel.toInstance === instance.instance, "L4: a channel is listed at its end");
  }
  for (const { chain, instance, output, id } of outputs) {
    const channel = jobPlan.channels[id];
    assert(channel?.fromChain === chain && channel.fromInstance === instance.instance, "L4: listed at its start");
    assert(channel.edge === output.edge, "L4: an output has the channels of its edge");
  }
}
