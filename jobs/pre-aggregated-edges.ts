/**
 * preAggregated: on which edges events are put together before they are sent: where they are sent by key, or all to one instance, to an
 * operator that takes accumulators, and on to another thread. Within a thread it is done for what tells nothing before the end, and pays
 * there (docs/decisions/0075).
 */

import { lateOutputName, type PreAggregation } from "../actors/index.ts";
import { carriesDeadLetters, type GraphEdge, type JobGraph } from "./job-graph.ts";
import type { JobPlan } from "./job-plan.ts";

/** How it is done on an edge; undefined where each event is sent. */
export function preAggregated(edge: GraphEdge, graph: JobGraph, plan: JobPlan): PreAggregation | undefined {
  const to = graph.nodes[edge.to];
  if (to?.kind !== "operator" || carriesDeadLetters(edge, graph.nodes)) return undefined;
  const { preAggregation } = to.spec;
  if (preAggregation === undefined || !pays(edge, to.parallelism, preAggregation, plan)) return undefined;
  // Who takes late events wants them one by one.
  const late = to.outputs.indexOf(lateOutputName);
  return graph.edges.some(({ from, outputIndex }) => from === to.id && outputIndex === late)
    ? undefined
    : preAggregation;
}

/** Without keys all events go to one instance, or which ones go together would follow from which ones go where. */
function pays(edge: GraphEdge, parallelism: number, { isToldAtEnd }: PreAggregation, plan: JobPlan): boolean {
  const { kind } = edge.grouping;
  if (kind === "key") return isToldAtEnd || changesThreads(edge, plan);
  return kind !== "custom" && parallelism === 1 && changesThreads(edge, plan);
}

function changesThreads({ from, to }: GraphEdge, { chains, places }: JobPlan): boolean {
  const hostsOf = (node: number) => new Set(chains[places[node]?.chain ?? 0]?.instances.map(({ host }) => host));
  return hostsOf(from).union(hostsOf(to)).size > 1;
}
