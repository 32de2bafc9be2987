/**
 * StandIns: sources and sinks that take the place of those of a job in a simulation, by name. Everything else of the job stays.
 */

import type { SinkSpec, SourceSpec } from "../../actors/index.ts";
import { buildGraph, type JobDefinition } from "../define-job.ts";
import type { GraphNode, JobGraph } from "../job-graph.ts";
import { OperatorUnknownError } from "../run/run-error.ts";
import { TestSink } from "./test-sink.ts";

export interface StandIns {
  readonly sources: ReadonlyMap<string, SourceSpec<unknown>>;
  readonly sinks: ReadonlyMap<string, SinkSpec<unknown>>;
}

/** Those that the options of a simulation say. */
export function standInsOf(options: {
  readonly sources?: Readonly<Record<string, SourceSpec<unknown>>>;
  readonly collect?: readonly string[];
}): StandIns {
  const { sources = {}, collect = [] } = options;
  return {
    sources: new Map(Object.entries(sources)),
    sinks: new Map(collect.map((name) => [name, new TestSink()])),
  };
}

/**
 * The job with other sources and sinks.
 *
 * @throws ERR_JOB_OPERATOR_UNKNOWN for one that the job does not have, ERR_JOB_* for what is wrong with the graph
 */
export function withStandIns<P>(definition: JobDefinition<P>, params: P, standIns: StandIns): JobDefinition<P> {
  const graph = buildGraph(definition, params);
  for (const name of standIns.sources.keys()) checkNode(graph, "source", name);
  for (const name of standIns.sinks.keys()) checkNode(graph, "sink", name);
  return Object.freeze({ ...definition, standIn: (node: GraphNode) => replaced(node, standIns) });
}

/** Throws ERR_JOB_OPERATOR_UNKNOWN unless the job has a source or a sink of that name. */
function checkNode({ name: job, nodes }: JobGraph, kind: GraphNode["kind"], name: string): void {
  const known = nodes.filter((node) => node.kind === kind).map((node) => node.name);
  if (known.includes(name)) return;
  const names = known.length === 0 ? "none" : known.map((each) => JSON.stringify(each)).join(", ");
  throw new OperatorUnknownError(
    `job ${JSON.stringify(job)} has no ${kind} named ${JSON.stringify(name)}; it has ${names}`,
    { details: { name } },
  );
}

function replaced(node: GraphNode, { sources, sinks }: StandIns): GraphNode {
  if (node.kind === "source") {
    const spec = sources.get(node.name);
    return spec === undefined ? node : Object.freeze({ ...node, spec, label: spec.kind });
  }
  if (node.kind === "sink") {
    const spec = sinks.get(node.name);
    if (spec !== undefined)
      return Object.freeze({ ...node, spec, label: spec.kind, placement: { kind: "anywhere" } as const });
  }
  return node;
}
