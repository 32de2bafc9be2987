/**
 * Fingerprint: a stable text form of a graph and its hash. Main and every host build the graph of a job on their own;
 * equal fingerprints say that they built the same one. Functions are not part of it: both sides load the same module.
 *
 * One line per fact, so that two texts can be compared line by line and the difference reads like an explanation.
 */

import { createHash } from "node:crypto";
import { MillraceError } from "../runtime/index.ts";
import type { GraphEdge, GraphNode, JobGraph } from "./job-graph.ts";

export interface GraphFingerprint {
  /** One line per operator and per edge. */
  readonly text: string;
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
}

/** A host built another graph than main from the same job. */
export class GraphMismatchError extends MillraceError {
  readonly code = "ERR_JOB_GRAPH_MISMATCH";
}

/** The fingerprint of a graph: the same for the same names, kinds, parallelism, edges and groupings. */
export function fingerprint(graph: JobGraph): GraphFingerprint {
  const lines = [
    `job ${JSON.stringify(graph.name)}`,
    ...graph.nodes.map(nodeLine),
    ...graph.edges.map((edge) => edgeLine(edge, graph)),
    ...graph.services.map((service) => `service ${JSON.stringify(service.token.name)}, one per ${service.scope}`),
  ];
  const text = lines.join("\n");
  return { text, hash: createHash("sha256").update(text).digest("hex") };
}

/**
 * Compares the graph that main built with that of a host, by the texts of their fingerprints.
 *
 * @throws ERR_JOB_GRAPH_MISMATCH saying what differs
 */
export function assertSameGraph(job: string, onMain: GraphFingerprint, onHost: GraphFingerprint, host: number): void {
  if (onMain.hash === onHost.hash) return;
  throw new GraphMismatchError(
    `job ${JSON.stringify(job)}: host ${host} built another graph than main:\n` +
      `${explainDifference(onMain.text, onHost.text)}\n` +
      "A builder may depend on its params only: not on the time, randomness, the environment or the thread.",
    { details: { job, host } },
  );
}

/**
 * What differs between two fingerprint texts, one line each; empty when they are equal.
 *
 * @param places where the two were found
 */
export function explainDifference(
  left: string,
  right: string,
  places = { left: "on main", right: "on the host" },
): string {
  const lefts = left.split("\n");
  const rights = right.split("\n");
  const width = Math.max(places.left.length, places.right.length) + 1;
  const only = (place: string, line: string) => `  only ${`${place}:`.padEnd(width)} ${line}`;
  const missing = lefts.filter((line) => !rights.includes(line)).map((line) => only(places.left, line));
  const added = rights.filter((line) => !lefts.includes(line)).map((line) => only(places.right, line));
  if (missing.length === 0 && added.length === 0) {
    return left === right ? "" : "  the same operators and edges, in another order";
  }
  return [...missing, ...added].slice(0, differenceLinesMax).join("\n");
}

const differenceLinesMax = 40;

function nodeLine(node: GraphNode): string {
  const outputs = node.outputs.length === 0 ? "" : ` -> ${node.outputs.map((name) => JSON.stringify(name)).join(", ")}`;
  const place = node.placement.kind === "main" ? " on main" : "";
  return `${node.kind} ${JSON.stringify(node.name)}: ${node.label} x ${node.parallelism}${place}${outputs}`;
}

function edgeLine(edge: GraphEdge, graph: JobGraph): string {
  const from = graph.nodes[edge.from];
  const output = JSON.stringify(from?.outputs[edge.outputIndex]);
  const to = JSON.stringify(graph.nodes[edge.to]?.name);
  return `edge ${JSON.stringify(from?.name)}.${output} -> ${to} input ${edge.inputIndex} by ${edge.grouping.kind}`;
}
