/** CreateStoreFile: a new file for the checkpoints of a job. It is complete when it gets its name (F3 of store-file.ts). */

import { renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { emptyCheckpoint, writeCheckpointRow } from "./checkpoint-row.ts";
import { storeSchema } from "./store-format.ts";
import { type StoreManifest, writeManifest } from "./store-manifest.ts";

/** @param isTemporary whether it ends with the process: then nothing has to reach the disk */
export function createStoreFile(path: string, manifest: StoreManifest, isTemporary: boolean): void {
  const draft = `${path}.new`;
  for (const leftover of [draft, `${draft}-journal`]) rmSync(leftover, { force: true });
  const database = new DatabaseSync(draft);
  try {
    database.exec(`PRAGMA synchronous = ${isTemporary ? "OFF" : "FULL"}; BEGIN; ${storeSchema}`);
    writeManifest(database, manifest);
    writeCheckpointRow(database, emptyCheckpoint(manifest.createdAtMs));
    database.exec("COMMIT");
  } finally {
    database.close();
  }
  renameSync(draft, path);
}
