/**
 * GraphValidation: what a job graph must satisfy before anything runs. `checkNode` and `checkEdge` are asked as the
 * author adds operators, so that the error comes from the author's line; `checkWhole` when the job is complete.
 *
 * A stream that nothing consumes is an error, unless its operator has effects or keeps state that can be queried
 * (`terminal`). Of an operator with several outputs one consumed output is enough: `split` is also a way to choose.
 */

import type { OperatorSpec } from "../actors/index.ts";
import { checkName, OptionError, printValue } from "../runtime/index.ts";
import { checkAwaited } from "./await-cycle.ts";
import {
  ForwardError,
  GraphShapeError,
  JobTooLargeError,
  NoSourceError,
  OperatorNameTakenError,
  ParallelismError,
  StreamTwiceError,
  UnconsumedStreamError,
} from "./graph-errors.ts";
import { carriesDeadLetters, type GraphEdge, type GraphNode, type JobGraph, nodeTitle } from "./job-graph.ts";
import { channelCountMax, nodeCountMax, parallelismMax } from "./limits.ts";

export type MakeOperator = () => OperatorSpec;

const namedNodes: Readonly<Record<GraphNode["kind"], string>> = {
  source: 'job.source("lines", textLines(path))',
  operator: '.map("double", (n) => n * 2)',
  sink: '.sink("out", fileLines(path))',
};

/** Throws ERR_RT_OPTION; where something else stands in the place of the name, with an example. */
export function checkNodeName(kind: GraphNode["kind"], name: unknown): void {
  if (typeof name === "string") checkName(`${kind} name`, name);
  else throw new OptionError(`${kind} name`, name, `a name before all else, as in ${namedNodes[kind]}`);
}

/** What an operator is made by is asked once its name has been checked: without one, each argument stands in the place of another. */
export function specOf(name: string, make: MakeOperator): OperatorSpec {
  checkNodeName("operator", name);
  return make();
}

/** Checks what a source or a sink was given: its name, and what it is to be. */
export function checkEnd(what: "source" | "sink", name: unknown, spec: { readonly create?: unknown }): void {
  checkNodeName(what, name);
  if (typeof spec?.create === "function") return;
  const allowed =
    what === "source"
      ? "a source behind the name, such as textLines(path)"
      : "a sink behind the name, such as fileLines(path)";
  throw new OptionError(`${what} ${JSON.stringify(name)}`, spec, allowed);
}

/** Checks a node against those added before it. */
export function checkNode(node: GraphNode, earlier: readonly GraphNode[]): void {
  checkNodeName(node.kind, node.name);
  const twin = earlier.find((other) => other.name === node.name);
  if (twin !== undefined) throw nameTaken(node, twin);
  checkParallelism(node);
  if (node.id !== earlier.length) {
    throw new GraphShapeError(`${nodeTitle(node)}: id ${node.id}, expected its index ${earlier.length}`);
  }
  if (earlier.length >= nodeCountMax) {
    throw new JobTooLargeError(`a job has at most ${nodeCountMax} operators; ${nodeTitle(node)} is one more`);
  }
}

/** Checks an edge against the nodes and the edges added before it. */
export function checkEdge(edge: GraphEdge, nodes: readonly GraphNode[], earlier: readonly GraphEdge[]): void {
  const from = nodes[edge.from];
  const to = nodes[edge.to];
  const isInOrder = edge.from < edge.to && edge.id === earlier.length;
  if (from === undefined || to === undefined || to.kind === "source" || !isInOrder) {
    throw new GraphShapeError(`edge ${edge.id} cannot lead from node ${edge.from} to node ${edge.to}`);
  }
  if (from.outputs[edge.outputIndex] === undefined) {
    throw new GraphShapeError(`edge ${edge.id}: ${nodeTitle(from)} has no output ${edge.outputIndex}`);
  }
  if (edge.grouping.kind === "forward" && from.parallelism !== to.parallelism) {
    throw new ForwardError(
      `forward() needs equal parallelism, but ${nodeTitle(from)} has ${from.parallelism} and ${nodeTitle(to)} has ` +
        `${to.parallelism}; use shuffle(), or give both the same parallelism`,
      { details: { from: from.name, to: to.name } },
    );
  }
  if (earlier.some((other) => isSameEnds(other, edge))) {
    throw new StreamTwiceError(
      `${nodeTitle(to)} gets the output ${JSON.stringify(from.outputs[edge.outputIndex])} of ${nodeTitle(from)} twice ` +
        "on one input: every event would count double",
      { details: { from: from.name, to: to.name } },
    );
  }
}

/** A former name is that of nobody else, now or then. */
function checkRenamed(node: GraphNode, graph: JobGraph): void {
  const { renamedFrom } = node;
  if (renamedFrom === undefined) return;
  const what = `${nodeTitle(node)}: renamedFrom`;
  checkName(what, renamedFrom);
  const other = graph.nodes.find(
    (each) => each.name === renamedFrom || (each !== node && each.renamedFrom === renamedFrom),
  );
  if (other === undefined) return;
  throw new OptionError(what, renamedFrom, `a former name, that ${nodeTitle(other)} neither has nor had`);
}

/** Checks a complete graph, its nodes and edges included. */
export function checkWhole(graph: JobGraph): void {
  checkName("job name", graph.name);
  for (const [index, node] of graph.nodes.entries()) checkNode(node, graph.nodes.slice(0, index));
  for (const [index, edge] of graph.edges.entries()) checkEdge(edge, graph.nodes, graph.edges.slice(0, index));
  if (!graph.nodes.some((node) => node.kind === "source")) {
    throw new NoSourceError(`job ${JSON.stringify(graph.name)} has no source; begin with job.source(name, spec)`);
  }
  for (const node of graph.nodes) checkRenamed(node, graph);
  for (const node of graph.nodes) checkConnected(node, graph);
  checkAwaited(graph);
  const channelCount = graph.edges.reduce((sum, edge) => sum + channelsOf(edge, graph.nodes), 0);
  if (channelCount > channelCountMax) {
    throw new JobTooLargeError(
      `job ${JSON.stringify(graph.name)} needs ${channelCount} channels, at most ${channelCountMax} are allowed; ` +
        "lower the parallelism of operators that are joined by shuffle, broadcast or keyBy",
    );
  }
}

function nameTaken(node: GraphNode, twin: GraphNode): OperatorNameTakenError {
  const [first, second] = [twin.definedAt?.(), node.definedAt?.()];
  const at = (place: string | undefined): string => (place === undefined ? "" : ` at ${place}`);
  return new OperatorNameTakenError(
    `two operators are named ${JSON.stringify(node.name)}: a ${twin.label}${at(first)}, and a ` +
      `${node.label}${at(second)}; names are unique within a job`,
    { details: { name: node.name, first, second } },
  );
}

function checkParallelism(node: GraphNode): void {
  const { parallelism } = node;
  const isAllowed = Number.isInteger(parallelism) && parallelism >= 1 && parallelism <= parallelismMax;
  if (!isAllowed) {
    throw new ParallelismError(
      `${nodeTitle(node)}: parallelism: expected a whole number from 1 to ${parallelismMax}, got ` +
        printValue(parallelism),
      { details: { name: node.name } },
    );
  }
  if (node.placement.kind === "main" && parallelism !== 1) {
    throw new ParallelismError(
      `${nodeTitle(node)}: parallelism: expected 1, because a ${node.label} hands events to the submitting thread, ` +
        `got ${parallelism}`,
      { details: { name: node.name } },
    );
  }
}

function isSameEnds(left: GraphEdge, right: GraphEdge): boolean {
  return (
    left.from === right.from &&
    left.outputIndex === right.outputIndex &&
    left.to === right.to &&
    left.inputIndex === right.inputIndex
  );
}

function checkConnected(node: GraphNode, graph: JobGraph): void {
  const hasInput = graph.edges.some((edge) => edge.to === node.id);
  if (node.kind !== "source" && !hasInput) {
    throw new GraphShapeError(`${nodeTitle(node)} has no input`);
  }
  const isConsumed = graph.edges.some((edge) => edge.from === node.id && !carriesDeadLetters(edge, graph.nodes));
  if (node.kind === "sink" || node.terminal || isConsumed) return;
  const place = node.definedAt?.();
  throw new UnconsumedStreamError(
    `nothing consumes the stream of ${nodeTitle(node)}${place === undefined ? "" : ` (${place})`}; ` +
      "end it with .sink(name, spec), .collect(name) or .output(name)",
    { details: { name: node.name } },
  );
}

function channelsOf(edge: GraphEdge, nodes: readonly GraphNode[]): number {
  const from = nodes[edge.from]?.parallelism ?? 0;
  const to = nodes[edge.to]?.parallelism ?? 0;
  return edge.grouping.kind === "forward" ? from : from * to;
}
