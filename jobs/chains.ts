/**
 * Chains: which operators run as one cell. An edge is chained when nothing is lost by it: each instance hands its events
 * to exactly one instance that gets them from nowhere else, and both share thread, policy and readiness.
 *
 * A source that cannot be read again is a chain of its own: a chain starts over as a whole when an operator in it fails,
 * which would lose what such a source has emitted since the last checkpoint, and cut off whoever sends to it. What it sends to
 * the operators behind it, on the same thread, is kept instead (epochs/unkept-channels.ts). Only event time that holds its source
 * back (`maxDrift`) has to be in one chain with it.
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
  const from = joinedUpstream(node, graph);
  return from === undefined || isParted(from, node, graph) ? undefined : from.id;
}

/** Whether only its source being a chain of its own parts `node` from it: it is to be on the same thread. */
export function isBesideItsSource(node: GraphNode, graph: JobGraph): boolean {
  const from = joinedUpstream(node, graph);
  return from !== undefined && isParted(from, node, graph);
}

function isParted(from: GraphNode, to: GraphNode, graph: JobGraph): boolean {
  if (isSourceOnItsOwn(from)) return !holdsItsSourceBack(to);
  const source = holdsItsSourceBack(from) ? joinedUpstream(from, graph) : undefined;
  return source !== undefined && isSourceOnItsOwn(source);
}

/** The node that `node` can be chained behind by what lies between the two. */
function joinedUpstream(node: GraphNode, graph: JobGraph): GraphNode | undefined {
  const inputs = graph.edges.filter((edge) => edge.to === node.id);
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) return undefined;
  return isJoined(input, node, graph) ? graph.nodes[input.from] : undefined;
}

function isJoined(edge: GraphEdge, to: GraphNode, graph: JobGraph): boolean {
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

/** Whether a node is a source that loses events when it starts over. */
function isSourceOnItsOwn(node: GraphNode): boolean {
  return node.kind === "source" && !node.spec.replayable;
}

function holdsItsSourceBack({ kind, spec }: GraphNode): boolean {
  return kind === "operator" && "maxDriftMs" in spec && spec.maxDriftMs !== undefined;
}

function headsItsChain(node: GraphNode): boolean {
  return node.kind === "source" || ("heads" in node.spec && node.spec.heads === true);
}
