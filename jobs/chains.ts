/**
 * Chains: which operators run as one cell. An edge is chained when nothing is lost by it: each instance hands its events
 * to exactly one instance that gets them from nowhere else, and both share thread, policy and readiness.
 */

import { isDeepStrictEqual } from "node:util";
import { carriesDeadLetters, type GraphEdge, type GraphNode, type JobGraph } from "./job-graph.ts";

/** Ids of the nodes of each chain, from its head on; chains in the order of their heads. */
export function chainsOf(graph: JobGraph): readonly (readonly number[])[] {
  const chains: number[][] = [];
  const chainOfNode = new Map<number, number[]>();
  for (const node of graph.nodes) {
    const upstream = chainedUpstream(node, graph);
    const chain = upstream === undefined ? undefined : chainOfNode.get(upstream);
    if (chain === undefined) chains.push(place(node, []));
    else place(node, chain);
  }
  return chains;

  function place(node: GraphNode, chain: number[]): number[] {
    chain.push(node.id);
    chainOfNode.set(node.id, chain);
    return chain;
  }
}

/** The node that `node` is chained behind, or undefined when it heads a chain. */
function chainedUpstream(node: GraphNode, graph: JobGraph): number | undefined {
  const inputs = graph.edges.filter((edge) => edge.to === node.id);
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) return undefined;
  return isChained(input, node, graph) ? input.from : undefined;
}

function isChained(edge: GraphEdge, to: GraphNode, graph: JobGraph): boolean {
  const from = graph.nodes[edge.from];
  if (from === undefined || edge.grouping.kind !== "forward" || carriesDeadLetters(edge, graph.nodes)) return false;
  // One consumer over all outputs, not one per output: a chain is a line, so that its cell runs it without a tree. Those of
  // dead letters do not count: letters are few, and leave the cell from wherever they are.
  const consumerCount = graph.edges.filter(
    (other) => other.from === from.id && !carriesDeadLetters(other, graph.nodes),
  ).length;
  return (
    consumerCount === 1 &&
    from.parallelism === to.parallelism &&
    from.placement.kind === to.placement.kind &&
    !headsItsChain(to) &&
    isDeepStrictEqual(from.supervision, to.supervision)
  );
}

function headsItsChain(node: GraphNode): boolean {
  return node.kind === "source" || ("heads" in node.spec && node.spec.heads === true);
}
