/** Validated graphs from a short list of nodes, for tests of what is done with a graph. */

import type { Grouping } from "../../actors/index.ts";
import type { SupervisionOptions } from "../../runtime/index.ts";
import { checkWhole } from "../graph-validation.ts";
import type { GraphEdge, GraphNode, JobGraph, NodeFacts } from "../job-graph.ts";

export interface SampleNode {
  readonly parallelism: number;
  /** Without inputs it is a source. */
  readonly inputs?: readonly SampleInput[];
  readonly isSink?: boolean;
  readonly onMain?: boolean;
  readonly heads?: boolean;
  readonly supervision?: SupervisionOptions;
}

export interface SampleInput {
  readonly from: number;
  /** Which output of the emitting node, 0 or 1. */
  readonly outputIndex?: number;
  readonly inputIndex?: number;
  readonly grouping: Grouping["kind"];
}

/** The graph of the nodes, named `n0`, `n1` and so on. */
export function sampleGraph(samples: readonly SampleNode[]): JobGraph {
  const nodes = samples.map(sampleNode);
  const edges = samples
    .flatMap((sample, to) => (sample.inputs ?? []).map((input) => ({ to, input })))
    .map(({ to, input }, id): GraphEdge => {
      const { from, outputIndex = 0, inputIndex = 0 } = input;
      return { id, from, outputIndex, to, inputIndex, grouping: sampleGrouping(input.grouping) };
    });
  const graph: JobGraph = { name: "sample", nodes, edges, services: [] };
  checkWhole(graph);
  return graph;
}

function sampleNode(sample: SampleNode, id: number): GraphNode {
  const facts: NodeFacts = {
    id,
    name: `n${id}`,
    label: "sample",
    parallelism: sample.parallelism,
    outputs: ["main", "other"],
    placement: { kind: sample.onMain === true ? "main" : "anywhere" },
    supervision: sample.supervision,
    terminal: true,
    definedAt: undefined,
  };
  if (sample.inputs === undefined) {
    return { ...facts, kind: "source", spec: { kind: "sample", bounded: true, replayable: false, create: notMade } };
  }
  if (sample.isSink === true) return { ...facts, outputs: [], kind: "sink", spec: { kind: "sample", create: notMade } };
  const spec = { kind: "sample", outputs: facts.outputs, heads: sample.heads === true, create: notMade };
  return { ...facts, kind: "operator", spec };
}

function sampleGrouping(kind: Grouping["kind"]): Grouping {
  if (kind === "key") return { kind, selector: () => 0 };
  return kind === "custom" ? { kind, partition: () => 0 } : { kind };
}

function notMade(): never {
  throw new Error("operators of a sample graph are never made");
}
