/**
 * isBare: on which edges events need no values where they leave their thread: where they are sent by key to an operator that looks at keys and
 * times alone, as one that counts them does.
 */

import { lateOutputName } from "../actors/index.ts";
import { carriesDeadLetters, type GraphEdge, type JobGraph } from "./job-graph.ts";

export function isBare(edge: GraphEdge, graph: JobGraph): boolean {
  const to = graph.nodes[edge.to];
  if (to?.kind !== "operator" || edge.grouping.kind !== "key" || carriesDeadLetters(edge, graph.nodes)) return false;
  // Who takes late events wants them whole.
  const late = to.outputs.indexOf(lateOutputName);
  return (
    to.spec.takesNoValues === true &&
    !graph.edges.some(({ from, outputIndex }) => from === to.id && outputIndex === late)
  );
}
