/**
 * Planner: turns a graph into a plan. Pure: the same graph and number of hosts give the same plan everywhere.
 *
 * Not here: what chains (chains.ts), where instances go (placement.ts), what a plan is (job-plan.ts).
 */

import { checkNames, hostCountMax, wholeNumber } from "../runtime/index.ts";
import { chainsOf, isBesideItsSource } from "./chains.ts";
import type { GraphEdge, JobGraph } from "./job-graph.ts";
import type { ChainInstancePlan, ChainPlan, ChannelPlan, JobPlan, NodePlace, OutputPlan } from "./job-plan.ts";
import { type PlacedChain, placeChains } from "./placement.ts";
import { assertPlan } from "./plan-invariants.ts";

export interface PlanOptions {
  /** Worker threads; 0 puts everything on the calling thread. */
  readonly hostCount: number;
}

/**
 * Plans a validated graph.
 *
 * @throws ERR_RT_OPTION for an option that is not allowed
 */
export function plan(graph: JobGraph, options: PlanOptions): JobPlan {
  checkNames("plan", options, { hostCount: true });
  const hostCount = wholeNumber("hostCount", options.hostCount, 0, hostCountMax);
  const nodesOfChains = chainsOf(graph);
  const places = placesOf(nodesOfChains, graph);
  const hosts = placeChains(
    nodesOfChains.map((nodes) => placedChain(nodes, graph, places)),
    hostCount,
  );
  const crossing = graph.edges.filter((edge) => places[edge.from]?.chain !== places[edge.to]?.chain);
  const channels = crossing.flatMap((edge) => endsOf(edge, graph, places)).map((ends, id) => ({ id, ...ends }));
  const inputsOf = Map.groupBy(channels, (channel) => instanceKey(channel.toChain, channel.toInstance));
  const outputsOf = Map.groupBy(channels, (channel) => instanceKey(channel.fromChain, channel.fromInstance));

  const chains = nodesOfChains.map((nodes, id): ChainPlan => {
    const instances = (hosts[id] ?? []).map((host, instance): ChainInstancePlan => {
      const key = instanceKey(id, instance);
      const inputs = (inputsOf.get(key) ?? []).map((channel) => channel.id);
      return { instance, host, inputs, outputs: outputPlans(outputsOf.get(key) ?? [], graph) };
    });
    const name = nodes.map((node) => graph.nodes[node]?.name).join(" > ");
    return { id, name, nodes, parallelism: instances.length, instances };
  });
  const jobPlan: JobPlan = { job: graph.name, hostCount, chains, channels, places };
  assertPlan(jobPlan, graph);
  return jobPlan;
}

function placesOf(nodesOfChains: readonly (readonly number[])[], graph: JobGraph): readonly NodePlace[] {
  const places = new Array<NodePlace>(graph.nodes.length);
  for (const [chain, nodes] of nodesOfChains.entries()) {
    for (const [indexInChain, node] of nodes.entries()) places[node] = { chain, indexInChain };
  }
  return places;
}

function placedChain(nodes: readonly number[], graph: JobGraph, places: readonly NodePlace[]): PlacedChain {
  const head = graph.nodes[nodes[0] ?? 0];
  const forward = graph.edges.find((edge) => edge.to === head?.id && edge.grouping.kind === "forward");
  return {
    parallelism: head?.parallelism ?? 1,
    weight: nodes.length,
    onMain: head?.placement.kind === "main",
    forwardFrom: forward === undefined ? undefined : places[forward.from]?.chain,
    staysThere: head !== undefined && isBesideItsSource(head, graph),
  };
}

/** The channels of an edge between two chains, by upstream and then by downstream instance. */
function endsOf(edge: GraphEdge, graph: JobGraph, places: readonly NodePlace[]): Omit<ChannelPlan, "id">[] {
  const fromChain = places[edge.from]?.chain ?? 0;
  const toChain = places[edge.to]?.chain ?? 0;
  const fromCount = graph.nodes[edge.from]?.parallelism ?? 0;
  const toCount = graph.nodes[edge.to]?.parallelism ?? 0;
  const ends: Omit<ChannelPlan, "id">[] = [];
  for (let fromInstance = 0; fromInstance < fromCount; fromInstance++) {
    for (let toInstance = 0; toInstance < toCount; toInstance++) {
      if (edge.grouping.kind === "forward" && fromInstance !== toInstance) continue;
      ends.push({ edge: edge.id, fromChain, fromInstance, toChain, toInstance });
    }
  }
  return ends;
}

function outputPlans(channels: readonly ChannelPlan[], graph: JobGraph): OutputPlan[] {
  return [...Map.groupBy(channels, (channel) => channel.edge)].map(([edge, ofEdge]) => ({
    edge,
    node: graph.edges[edge]?.from ?? 0,
    outputIndex: graph.edges[edge]?.outputIndex ?? 0,
    channels: ofEdge.map((channel) => channel.id),
  }));
}

function instanceKey(chain: number, instance: number): string {
  return `${chain}/${instance}`;
}
