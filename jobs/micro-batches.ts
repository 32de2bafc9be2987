/**
 * inMicroBatches: the graph of a job that works in micro-batches. Batches are made where events come in, one per interval, and
 * go on from there: were every operator to gather them anew, each would add an interval.
 */

import { groupings, type MicroBatchOptions, microBatch } from "../actors/index.ts";
import { type GraphEdge, type GraphNode, givesEventTime } from "./job-graph.ts";

interface GraphParts {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Operators that keep nothing: it does not matter who works on which event. */
const statelessKinds = new Set(["map", "filter", "flatMap", "parse", "split", "tap"]);

/** @param byAuthor ids of operators of which the author says whether they work in micro-batches */
export function inMicroBatches(
  { nodes, edges }: GraphParts,
  byAuthor: ReadonlySet<number>,
  options: MicroBatchOptions,
): GraphParts {
  const into = (id: number) => edges.filter(({ to }) => to === id).map(({ from }) => nodes[from] as GraphNode);
  const isFirst = (node: GraphNode) =>
    into(node.id).every((upstream) => upstream.kind === "source" || givesEventTime(upstream));
  return {
    nodes: nodes.map((node) => {
      if (node.kind !== "operator" || givesEventTime(node) || byAuthor.has(node.id)) return node;
      if (node.spec.heads === true || !isFirst(node)) return node;
      return Object.freeze({ ...node, spec: microBatch(node.spec, options) });
    }),
    edges: edges.map((edge) => {
      // One that an author has asked for is `groupings.shuffle` itself.
      const isByDefault = edge.grouping.kind === "shuffle" && edge.grouping !== groupings.shuffle;
      const isShared = isByDefault && statelessKinds.has(nodes[edge.to]?.label ?? "");
      return isShared ? Object.freeze({ ...edge, grouping: groupings.leastLoaded }) : edge;
    }),
  };
}
