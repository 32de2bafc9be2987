/**
 * StoreManifest: of which job a file is, and what the job was made of when the checkpoint was taken: its operators as data,
 * and the fingerprint of its graph. Compared with the job whenever the file is opened.
 */

import type { DatabaseSync } from "node:sqlite";
import { explainDifference, fingerprint } from "../../fingerprint.ts";
import type { GraphNode, JobGraph } from "../../job-graph.ts";
import { StorageForeignError, StorageGraphError } from "../storage-error.ts";
import { recordChecksum } from "./record-checksum.ts";
import { damagedFile } from "./store-damage.ts";

export interface StoreManifest {
  readonly job: string;
  /** The fingerprint of the graph, as text: operators, their parallelism, edges. */
  readonly graph: string;
  /** In the order of the graph. */
  readonly operators: readonly OperatorManifest[];
  readonly createdAtMs: number;
}

export interface OperatorManifest {
  readonly name: string;
  readonly kind: GraphNode["kind"];
  /** What it does: `count`, `process`. */
  readonly label: string;
  readonly parallelism: number;
}

interface ManifestRow {
  readonly job: string;
  readonly graph: string;
  readonly operators: string;
  readonly created_at_ms: number;
  readonly checksum: number;
}

export const manifestSchema = `
  CREATE TABLE manifest (
    id INTEGER PRIMARY KEY CHECK (id = 1), job TEXT NOT NULL, graph TEXT NOT NULL, operators TEXT NOT NULL,
    created_at_ms REAL NOT NULL, checksum INTEGER NOT NULL
  );
`;

export function manifestOf(graph: JobGraph, createdAtMs: number): StoreManifest {
  const operators = graph.nodes.map(({ name, kind, label, parallelism }) => ({ name, kind, label, parallelism }));
  return { job: graph.name, graph: fingerprint(graph).text, operators, createdAtMs };
}

/** In a transaction that is open; takes the place of the one before. */
export function writeManifest(database: DatabaseSync, manifest: StoreManifest): void {
  const { job, graph, operators, createdAtMs } = manifest;
  const facts = [job, graph, JSON.stringify(operators), createdAtMs] as const;
  database.prepare("INSERT OR REPLACE INTO manifest VALUES (1, ?, ?, ?, ?, ?)").run(...facts, recordChecksum(facts));
}

/** @throws ERR_JOB_STORAGE_DAMAGED */
export function readManifest(database: DatabaseSync, path: string): StoreManifest {
  const row = database.prepare("SELECT * FROM manifest").get() as ManifestRow | undefined;
  if (row === undefined) throw damagedFile(path, "the manifest is missing");
  const { job, graph, operators, created_at_ms: createdAtMs, checksum } = row;
  if (checksum !== recordChecksum([job, graph, operators, createdAtMs])) {
    throw damagedFile(path, "the manifest does not match its checksum");
  }
  return { job, graph, operators: JSON.parse(operators) as readonly OperatorManifest[], createdAtMs };
}

/** @throws ERR_JOB_STORAGE_FOREIGN */
export function checkJob(path: string, stored: StoreManifest, job: string): void {
  if (stored.job === job) return;
  throw new StorageForeignError(
    `${path} holds checkpoints of job ${JSON.stringify(stored.job)}, not of ${JSON.stringify(job)}`,
    { details: { path, job, storedJob: stored.job } },
  );
}

/** @throws ERR_JOB_STORAGE_GRAPH saying what differs */
export function checkGraph(path: string, stored: StoreManifest, { job, graph }: StoreManifest): void {
  if (stored.graph === graph) return;
  const difference = explainDifference(stored.graph, graph, { left: "in the checkpoint", right: "in the job now" });
  throw new StorageGraphError(
    `job ${JSON.stringify(job)} is not the one whose checkpoints ${path} holds:\n${difference}\n` +
      "Submit the job as it was, or give it another name or storage: checkpoints of a changed job are not supported yet.",
    { details: { path, job, difference } },
  );
}
