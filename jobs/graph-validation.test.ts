import { expect, test } from "vitest";
import { sampleGraph } from "./fixtures/sample-graph.ts";
import { checkWhole } from "./graph-validation.ts";
import type { GraphEdge, GraphNode, JobGraph } from "./job-graph.ts";
import { nodeCountMax } from "./limits.ts";

const good = sampleGraph([
  { parallelism: 1 },
  { parallelism: 1, inputs: [{ from: 0, grouping: "forward" }] },
  { parallelism: 1, isSink: true, inputs: [{ from: 1, grouping: "forward" }] },
]);
const long = sampleGraph([
  { parallelism: 1 },
  { parallelism: 1, inputs: [{ from: 0, grouping: "forward" }] },
  { parallelism: 1, inputs: [{ from: 1, grouping: "forward" }] },
]);

const broken: readonly (readonly [string, JobGraph])[] = [
  ["an edge against the order of the nodes", { ...long, edges: [...long.edges, backwards()] }],
  ["an edge from a node to itself", withEdge(1, { from: 1, to: 1 })],
  ["an edge to a node that does not exist", withEdge(1, { to: 9 })],
  ["an edge from a node that does not exist", withEdge(1, { from: -1 })],
  ["an edge from an output that does not exist", withEdge(1, { outputIndex: 5 })],
  ["an edge under another id", withEdge(1, { id: 0 })],
  ["an edge into a source", { ...good, nodes: good.nodes.with(1, { ...node(0), id: 1, name: "n1" }) }],
  ["an edge out of a sink", { ...good, nodes: good.nodes.with(1, { ...node(2), id: 1, name: "n1" }) }],
  ["a node under another id", { ...good, nodes: good.nodes.with(1, { ...node(1), id: 7 }) }],
  ["an operator without input", { ...good, edges: [{ ...(good.edges[1] as GraphEdge), id: 0 }] }],
];

test.each(broken)("%s is no graph", (_what, graph) => {
  expect(() => checkWhole(graph)).toThrow(expect.objectContaining({ code: "ERR_JOB_GRAPH_SHAPE" }));
});

test("a bad job name is refused", () => {
  expect(() => checkWhole({ ...good, name: "a b" })).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});

test("more operators than a job may have are refused", () => {
  const nodes = Array.from({ length: nodeCountMax + 1 }, (_, id) => ({ ...node(0), id, name: `n${id}` }));

  expect(() => checkWhole({ ...good, nodes, edges: [] })).toThrow(
    expect.objectContaining({ code: "ERR_JOB_TOO_LARGE" }),
  );
});

function backwards(): GraphEdge {
  return { ...(long.edges[1] as GraphEdge), id: 2, from: 2, to: 1 };
}

function node(id: number): GraphNode {
  return good.nodes[id] as GraphNode;
}

function withEdge(id: number, change: Partial<GraphEdge>): JobGraph {
  return { ...good, edges: good.edges.with(id, { ...(good.edges[id] as GraphEdge), ...change }) };
}
