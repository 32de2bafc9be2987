/** ReadStoreSummary: which checkpoint a file holds, without reading its records. */

import type { DatabaseSync } from "node:sqlite";
import { readCheckpointRow } from "./checkpoint-row.ts";
import { withStoreFile } from "./read-store-file.ts";
import { checkFormat } from "./store-format.ts";
import { checkJob, readManifest } from "./store-manifest.ts";

export interface StoreSummary {
  readonly epoch: number;
  readonly atMs: number;
}

/** @throws ERR_JOB_STORAGE_DAMAGED, ERR_JOB_STORAGE_FOREIGN, ERR_JOB_STORAGE_FORMAT, ERR_JOB_STORAGE */
export function readStoreSummary(path: string, job: string): StoreSummary {
  return withStoreFile(path, (database: DatabaseSync) => {
    checkFormat(database, path);
    checkJob(path, readManifest(database, path), job);
    const { epoch, atMs } = readCheckpointRow(database, path);
    return { epoch, atMs };
  });
}
