/**
 * StoreManifest: of which job a file is, and what the job was made of when the checkpoint was taken: its operators as data,
 * and the fingerprint of its graph. Compared with the job whenever the file is opened.
 */

import type { DatabaseSync } from "node:sqlite";
import { chainsOf } from "../../chains.ts";
import { fingerprint } from "../../fingerprint.ts";
import { edgesInto, type GraphNode, type JobGraph } from "../../job-graph.ts";
import { StorageForeignError } from "../storage-error.ts";
import { recordChecksum } from "./record-checksum.ts";
import { damagedFile } from "./store-damage.ts";

export interface StoreManifest {
  readonly job: string;
  /** The fingerprint of the graph, as text: operators, their parallelism, edges. */
  readonly graph: string;
  /** In the order of the graph. */
  readonly operators: readonly OperatorManifest[];
  readonly createdAtMs: number;
  /** The savepoint that the checkpoints go back to, as `savepointMark` names it; empty for none. */
  readonly begunFrom: string;
}

export interface OperatorManifest {
  readonly name: string;
  readonly kind: GraphNode["kind"];
  /** What it does: `count`, `process`. */
  readonly label: string;
  readonly parallelism: number;
  /** Whether its input has keys. */
  readonly keyed: boolean;
  /** The operator at the head of its chain, under whose name stands what is stored of its cell. */
  readonly head: string;
}

interface ManifestRow {
  readonly job: string;
  readonly graph: string;
  readonly operators: string;
  readonly created_at_ms: number;
  readonly begun_from: string;
  readonly checksum: number;
}

export const manifestSchema = `
  CREATE TABLE manifest (
    id INTEGER PRIMARY KEY CHECK (id = 1), job TEXT NOT NULL, graph TEXT NOT NULL, operators TEXT NOT NULL,
    created_at_ms REAL NOT NULL, begun_from TEXT NOT NULL, checksum INTEGER NOT NULL
  );
`;

export function manifestOf(graph: JobGraph, createdAtMs: number): StoreManifest {
  return {
    job: graph.name,
    graph: fingerprint(graph).text,
    operators: operatorManifests(graph),
    createdAtMs,
    begunFrom: "",
  };
}

export function operatorManifests(graph: JobGraph): readonly OperatorManifest[] {
  const chains = chainsOf(graph);
  return graph.nodes.map(({ id, name, kind, label, parallelism }) => {
    const head = chains.find((chain) => chain.includes(id))?.[0] ?? id;
    const keyed = edgesInto(graph, id).some(({ grouping }) => grouping.kind === "key");
    return { name, kind, label, parallelism, keyed, head: graph.nodes[head]?.name ?? name };
  });
}

/** Whether what one has stored can be read by the other as it is. */
export function isSameJob(left: StoreManifest, right: StoreManifest): boolean {
  return left.graph === right.graph && JSON.stringify(left.operators) === JSON.stringify(right.operators);
}

/** In a transaction that is open; takes the place of the one before. */
export function writeManifest(database: DatabaseSync, manifest: StoreManifest): void {
  const { job, graph, operators, createdAtMs, begunFrom } = manifest;
  const facts = [job, graph, JSON.stringify(operators), createdAtMs, begunFrom] as const;
  database.prepare("INSERT OR REPLACE INTO manifest VALUES (1, ?, ?, ?, ?, ?, ?)").run(...facts, recordChecksum(facts));
}

/** @throws ERR_JOB_STORAGE_DAMAGED */
export function readManifest(database: DatabaseSync, path: string): StoreManifest {
  const row = database.prepare("SELECT * FROM manifest").get() as ManifestRow | undefined;
  if (row === undefined) throw damagedFile(path, "the manifest is missing");
  const { job, graph, operators, created_at_ms: createdAtMs, begun_from: begunFrom, checksum } = row;
  if (checksum !== recordChecksum([job, graph, operators, createdAtMs, begunFrom])) {
    throw damagedFile(path, "the manifest does not match its checksum");
  }
  return { job, graph, operators: JSON.parse(operators) as readonly OperatorManifest[], createdAtMs, begunFrom };
}

/** @throws ERR_JOB_STORAGE_FOREIGN */
export function checkJob(path: string, stored: StoreManifest, job: string): void {
  if (stored.job === job) return;
  throw new StorageForeignError(
    `${path} holds checkpoints of job ${JSON.stringify(stored.job)}, not of ${JSON.stringify(job)}`,
    { details: { path, job, storedJob: stored.job } },
  );
}
