/**
 * EndedInstances: which instances of the graph of now have ended, as far as a checkpoint of another graph says. An operator
 * that is new has ended where everything before it has: no event can come to it.
 */

import { type ShareStanding, sharedOut } from "../../actors/index.ts";
import { edgesInto, type GraphEdge, type GraphNode, type JobGraph } from "../job-graph.ts";
import type { StoredInstance, StoredOperator } from "./stored-operators.ts";

/**
 * By node and instance.
 *
 * @param storedOf what a node goes on from; undefined when it begins anew
 */
export function endedInstances(
  graph: JobGraph,
  storedOf: (node: GraphNode) => StoredOperator | undefined,
): readonly (readonly boolean[])[] {
  const ends: (readonly boolean[])[] = [];
  // G2: what is before a node has a lower id.
  for (const node of graph.nodes) ends.push(endsOf(node, storedOf(node)?.instances));
  return ends;

  function endsOf(node: GraphNode, stored: readonly StoredInstance[] | undefined): readonly boolean[] {
    if (stored === undefined) {
      const inputs = edgesInto(graph, node.id);
      return instancesOf(node, (instance) => inputs.length > 0 && inputs.every((edge) => isOver(edge, instance)));
    }
    if (stored.length === node.parallelism) return stored.map(({ ended }) => ended);
    if (node.kind === "source") return sourceStandings(node, stored).map(({ ended }) => ended);
    return instancesOf(node, () => stored.every(({ ended }) => ended));
  }

  function isOver(edge: GraphEdge, instance: number): boolean {
    return sendersOf(edge, instance, ends[edge.from]?.length ?? 0).every((from) => ends[edge.from]?.[from] === true);
  }
}

/** The instances at the upper end of an edge that send to an instance at the lower one. */
export function sendersOf({ grouping }: GraphEdge, instance: number, senderCount: number): readonly number[] {
  return grouping.kind === "forward" ? [instance] : Array.from({ length: senderCount }, (_, from) => from);
}

/** Where the instances of a source go on that was stored with another parallelism. */
export function sourceStandings(node: GraphNode, stored: readonly StoredInstance[]): readonly ShareStanding[] {
  if (stored.some(({ position }) => position !== undefined)) return sharedOut(stored, node.parallelism);
  const ended = stored.every((instance) => instance.ended);
  return instancesOf(node, () => ({ position: undefined, ended }));
}

function instancesOf<T>({ parallelism }: GraphNode, of: (instance: number) => T): readonly T[] {
  return Array.from({ length: parallelism }, (_, instance) => of(instance));
}
