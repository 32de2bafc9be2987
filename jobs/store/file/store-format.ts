/** StoreFormat: what marks a SQLite file as one of millrace, the version of its tables, and their definitions. */

import type { DatabaseSync } from "node:sqlite";
import { StorageForeignError, StorageFormatError } from "../storage-error.ts";
import { checkpointSchema } from "./checkpoint-row.ts";
import { damagedFile } from "./store-damage.ts";
import { manifestSchema } from "./store-manifest.ts";
import { partsSchema } from "./store-parts.ts";

/** Raised with every change of the tables. */
const storeFormat = 4;
/** "mill" in ASCII. */
const applicationId = 0x6d696c6c;

export const storeSchema = `
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${storeFormat};
  ${manifestSchema}
  ${checkpointSchema}
  ${partsSchema}
`;

/** @throws ERR_JOB_STORAGE_DAMAGED when the file is empty, ERR_JOB_STORAGE_FOREIGN, ERR_JOB_STORAGE_FORMAT */
export function checkFormat(database: DatabaseSync, path: string): void {
  const { application_id } = database.prepare("PRAGMA application_id").get() as { application_id: number };
  const { user_version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  const hasTables = database.prepare("SELECT 1 FROM sqlite_schema").get() !== undefined;
  if (application_id === 0 && user_version === 0 && !hasTables) throw damagedFile(path, "the file is empty");
  if (application_id !== applicationId) {
    throw new StorageForeignError(`${path} is no file of checkpoints of millrace`, { details: { path } });
  }
  if (user_version === storeFormat) return;
  throw new StorageFormatError(
    `${path} has format ${user_version}, and this version of millrace reads format ${storeFormat} only: ` +
      "use the version that has written it",
    { details: { path, format: user_version, formatRead: storeFormat } },
  );
}
