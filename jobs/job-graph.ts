/**
 * JobGraph: a job as plain structures, immutable once validated. Main and every host build the same one from the same
 * module and params.
 *
 * Invariants
 *  G1  the id of a node or an edge is its index.
 *  G2  edges lead from a lower id to a higher one, so there are no cycles.
 *  G3  names are unique within the job.
 *
 * Not here: the fluent API that makes one (stream.ts), what is checked (graph-validation.ts), where it runs (planner.ts).
 */

import type { Grouping, OperatorSpec, SinkSpec, SourceSpec } from "../actors/index.ts";
import type { ServiceRegistration } from "../runtime/index.ts";
import type { CallSite } from "./call-site.ts";
import type { OperatorSupervisionOptions } from "./operator-supervision.ts";

export interface JobGraph {
  /** The job's name. */
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** What `job.provide` registered, in order. */
  readonly services: readonly ServiceRegistration[];
}

export type GraphNode = SourceNode | OperatorNode | SinkNode;

export interface SourceNode extends NodeFacts {
  readonly kind: "source";
  readonly spec: SourceSpec<unknown>;
}

export interface OperatorNode extends NodeFacts {
  readonly kind: "operator";
  readonly spec: OperatorSpec;
}

export interface SinkNode extends NodeFacts {
  readonly kind: "sink";
  readonly spec: SinkSpec<unknown>;
}

export interface NodeFacts {
  /** Its index in `nodes`. */
  readonly id: number;
  /** The operator's name, as the author chose it. */
  readonly name: string;
  /** What it does: `map`, `filter`, `tcp`. */
  readonly label: string;
  readonly parallelism: number;
  /** Names of its outputs; the first is the main one. A sink has none. */
  readonly outputs: readonly string[];
  readonly placement: Placement;
  /** What happens when it fails: its own policy, or that of the job; undefined: the default of the run. */
  readonly supervision: OperatorSupervisionOptions | undefined;
  /** True when it may stand at the end of a stream without being a sink, because it has effects or keeps state. */
  readonly terminal: boolean;
  /** Its name in earlier versions of the job, under which a checkpoint may hold its state. */
  readonly renamedFrom: string | undefined;
  /** Where it stands in the author's code. */
  readonly definedAt: CallSite | undefined;
}

/** On any host, or on the thread that submitted the job. */
export type Placement = { readonly kind: "anywhere" } | { readonly kind: "main" };

export interface GraphEdge {
  /** Its index in `edges`. */
  readonly id: number;
  /** The node that emits. */
  readonly from: number;
  /** Which of its outputs. */
  readonly outputIndex: number;
  /** The node that takes. */
  readonly to: number;
  /** Which of its inputs; a union leads several edges to one input. */
  readonly inputIndex: number;
  readonly grouping: Grouping;
}

/** The last output of a node whose dead letters are taken. No operator of an author can have an output of that name. */
export const deadLetterOutputName = "dead letters";

/** Whether an edge carries the dead letters of the node that it leaves. */
export function carriesDeadLetters({ from, outputIndex }: GraphEdge, nodes: readonly GraphNode[]): boolean {
  return nodes[from]?.outputs[outputIndex] === deadLetterOutputName;
}

/** Edges that lead to node `id`, in order. */
export function edgesInto(graph: JobGraph, id: number): readonly GraphEdge[] {
  return graph.edges.filter((edge) => edge.to === id);
}

/** How a node is called in errors: `operator "parse"`. */
export function nodeTitle(node: Pick<GraphNode, "kind" | "name">): string {
  return `${node.kind} ${JSON.stringify(node.name)}`;
}

/** Whether events have their event time from this node on. */
export function givesEventTime({ label }: GraphNode): boolean {
  return label === "eventTime";
}

/** The ids of nodes, and of all that leads to them. */
export function leadingTo(ids: Iterable<number>, edges: readonly GraphEdge[]): ReadonlySet<number> {
  const found = new Set(ids);
  // What is added to it is looked at, too.
  for (const id of found) for (const { from, to } of edges) if (to === id) found.add(from);
  return found;
}
