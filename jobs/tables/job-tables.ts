/** jobTables: the tables that a job writes to, checked when it is submitted. */

import { MillraceError } from "../../runtime/index.ts";
import type { GraphNode, JobGraph } from "../job-graph.ts";
import type { TableDefinition } from "./table-row.ts";
import { type TableSinkSpec, tableKind } from "./table-sink.ts";

/** A table that a job cannot have: it has no storage, or another sink writes to it. */
export class TableError extends MillraceError {
  readonly code = "ERR_JOB_TABLE";
}

/** By the name of the sink. Throws ERR_JOB_TABLE when two write to one table. */
export function jobTables({ name: job, nodes }: JobGraph): ReadonlyMap<string, TableDefinition> {
  const tables = new Map<string, TableDefinition>();
  for (const node of nodes.filter(isTable)) {
    const { table } = node.spec as TableSinkSpec<unknown>;
    for (const [sink, other] of tables) {
      if (other.name.toLowerCase() !== table.name.toLowerCase()) continue;
      throw new TableError(
        `job ${JSON.stringify(job)}: sinks "${sink}" and "${node.name}" write to the same table "${table.name}"; give each its own`,
        { details: { job, table: table.name, sinks: [sink, node.name] } },
      );
    }
    tables.set(node.name, table);
  }
  return tables;
}

/** Throws ERR_JOB_TABLE for a job with a table that is not given what it needs. */
export function checkTables(graph: JobGraph, hasCheckpoints: boolean, hasStorage: boolean): void {
  const [first] = jobTables(graph);
  if (first === undefined || (hasCheckpoints && hasStorage)) return;
  const [sink, { name }] = first;
  throw new TableError(
    `job ${JSON.stringify(graph.name)}: sink "${sink}" writes to table "${name}" of the job's storage with its checkpoints; ` +
      'submit the job with storage: "<directory>" and guarantee: "exactly-once" (or "at-least-once")',
    { details: { job: graph.name, sink, table: name } },
  );
}

function isTable(node: GraphNode): boolean {
  return node.kind === "sink" && node.label === tableKind && "table" in node.spec;
}
