/** Explain: a graph and its plan for people and tools, as text, JSON or a Mermaid flowchart. */

import { counted } from "./counted.ts";
import type { GraphEdge, GraphNode, JobGraph } from "./job-graph.ts";
import type { ChainPlan, JobPlan } from "./job-plan.ts";
import { preAggregated } from "./pre-aggregated-edges.ts";
import { alignColumns } from "./text-columns.ts";

export type ExplainFormat = "text" | "json" | "mermaid";

export const explainFormats: readonly ExplainFormat[] = ["text", "json", "mermaid"];

/** Renders a plan of a graph. The result ends without a line break. */
export function explain(graph: JobGraph, jobPlan: JobPlan, format: ExplainFormat): string {
  switch (format) {
    case "text":
      return explainText(graph, jobPlan);
    case "json":
      return JSON.stringify(explainData(graph, jobPlan), undefined, 2);
    case "mermaid":
      return explainMermaid(graph, jobPlan);
  }
}

function explainText(graph: JobGraph, jobPlan: JobPlan): string {
  const rows = jobPlan.chains.flatMap((chain) => chainRows(chain, graph, jobPlan));
  const table = alignColumns([["chain", "operator", "kind", "instances", "hosts", "gets its events"], ...rows]);
  return [headline(graph, jobPlan), "", ...table].join("\n");
}

function headline(graph: JobGraph, jobPlan: JobPlan): string {
  const instanceCount = jobPlan.chains.reduce((sum, chain) => sum + chain.instances.length, 0);
  const where = jobPlan.hostCount === 0 ? "the calling thread" : counted(jobPlan.hostCount, "worker thread");
  return (
    `job ${graph.name}: ${counted(graph.nodes.length, "operator")} in ${counted(jobPlan.chains.length, "chain")}, ` +
    `${counted(instanceCount, "cell")} on ${where}, ${counted(jobPlan.channels.length, "channel")}`
  );
}

function chainRows(chain: ChainPlan, graph: JobGraph, jobPlan: JobPlan): string[][] {
  return chain.nodes.map((id, index) => {
    const node = graph.nodes[id] as GraphNode;
    const isHead = index === 0;
    return [
      isHead ? `${chain.id}` : "",
      `${isHead ? "" : "└ "}${node.name}`,
      kindText(node),
      isHead ? `${chain.parallelism}` : "",
      isHead ? chain.instances.map((instance) => hostName(instance.host)).join(" ") : "",
      isHead
        ? graph.edges
            .filter((edge) => edge.to === id)
            .map((edge) => origin(edge, graph, jobPlan))
            .join(", ")
        : "chained",
    ];
  });
}

/** What it does, and where to or from: `csv ./2024.csv`. */
function kindText(node: GraphNode): string {
  const origin = node.kind === "operator" ? undefined : node.spec.origin;
  return origin === undefined ? node.label : `${node.label} ${origin}`;
}

function hostName(host: number): string {
  return host === 0 ? "main" : `${host}`;
}

function origin(edge: GraphEdge, graph: JobGraph, jobPlan: JobPlan): string {
  const folded = preAggregated(edge, graph, jobPlan) === undefined ? "" : `, ${preAggregatedText}`;
  return `${edge.grouping.kind} from ${outputName(edge, graph)}${folded}`;
}

/** Of an edge on which events of one key are put together before they are sent. */
const preAggregatedText = "pre-aggregated";

/** The emitting operator, with the output where it has several. */
function outputName(edge: GraphEdge, graph: JobGraph): string {
  const from = graph.nodes[edge.from] as GraphNode;
  return from.outputs.length > 1 ? `${from.name}.${from.outputs[edge.outputIndex]}` : from.name;
}

/** The graph and the plan as plain data, without specs and functions. */
function explainData(graph: JobGraph, jobPlan: JobPlan): unknown {
  return {
    job: graph.name,
    hostCount: jobPlan.hostCount,
    operators: graph.nodes.map((node) => ({
      id: node.id,
      name: node.name,
      kind: node.kind,
      label: node.label,
      origin: node.kind === "operator" ? undefined : node.spec.origin,
      parallelism: node.parallelism,
      outputs: node.outputs,
      placement: node.placement.kind,
    })),
    edges: graph.edges.map((edge) => ({
      ...edge,
      grouping: edge.grouping.kind,
      preAggregated: preAggregated(edge, graph, jobPlan) !== undefined,
    })),
    chains: jobPlan.chains,
    channels: jobPlan.channels,
  };
}

function explainMermaid(graph: JobGraph, jobPlan: JobPlan): string {
  const lines = ["flowchart LR"];
  for (const chain of jobPlan.chains) {
    const hosts = chain.instances.map((instance) => hostName(instance.host)).join(" ");
    lines.push(
      `  subgraph chain${chain.id}["${mermaidText(`chain ${chain.id} x ${chain.parallelism}, on ${hosts}`)}"]`,
    );
    for (const id of chain.nodes) lines.push(`    ${mermaidNode(graph.nodes[id] as GraphNode)}`);
    lines.push("  end");
  }
  for (const edge of graph.edges) {
    const isChained = jobPlan.places[edge.from]?.chain === jobPlan.places[edge.to]?.chain;
    const folded = preAggregated(edge, graph, jobPlan) === undefined ? "" : preAggregatedText;
    const label = [outputLabel(edge, graph), isChained ? "" : edge.grouping.kind, folded].filter((part) => part !== "");
    const text = label.length === 0 ? "" : `|"${mermaidText(label.join(", "))}"|`;
    lines.push(`  node${edge.from} ${isChained ? "-->" : "==>"}${text} node${edge.to}`);
  }
  return lines.join("\n");
}

function outputLabel(edge: GraphEdge, graph: JobGraph): string {
  const from = graph.nodes[edge.from] as GraphNode;
  return from.outputs.length > 1 ? (from.outputs[edge.outputIndex] ?? "") : "";
}

function mermaidNode(node: GraphNode): string {
  const text = `"${mermaidText(node.name)}<br/>${mermaidText(kindText(node))}"`;
  switch (node.kind) {
    case "source":
      return `node${node.id}([${text}])`;
    case "operator":
      return `node${node.id}[${text}]`;
    case "sink":
      return `node${node.id}[(${text})]`;
  }
}

/** Escapes by Mermaid's own character codes, so that no name ends a label or becomes markup. */
function mermaidText(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:/_-]/gu, (character) => `#${character.codePointAt(0)};`);
}
