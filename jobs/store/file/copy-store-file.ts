/**
 * CopyStoreFile: a full copy of a file, of its last complete checkpoint, made while checkpoints are written to it: through a
 * connection of its own, whose view of the file stays as it is, by a thread of the platform and in steps. A copy is complete
 * when it gets its name.
 */

import { renameSync, rmSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { faultPoint } from "../../../runtime/index.ts";
import { readCheckpointRow } from "./checkpoint-row.ts";
import { busyMs } from "./store-file.ts";

/**
 * Resolves to the path of the copy. Rejects with what the platform says, or ERR_JOB_STORAGE_DAMAGED.
 *
 * @param pathOf where a copy of this epoch goes; one that is there is replaced
 */
export async function copyStoreFile(path: string, pathOf: (epoch: number) => string): Promise<string> {
  const source = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
  let draft: string | undefined;
  try {
    source.exec("BEGIN");
    const target = pathOf(readCheckpointRow(source, path).epoch);
    draft = `${target}.new`;
    removeDatabase(draft);
    await backup(source, draft, { rate: pagesPerStep });
    makeSelfContained(draft);
    faultPoint("store.copy.before-name");
    renameSync(draft, target);
    faultPoint("store.copy.named");
    return target;
  } catch (error) {
    if (draft !== undefined) removeDatabase(draft);
    throw error;
  } finally {
    source.close();
  }
}

/** A file of a database, and those that SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const ending of databaseEndings) rmSync(`${path}${ending}`, { force: true });
}

/** Of the files of one database. */
export const databaseEndings = ["", "-wal", "-shm", "-journal"] as const;

/** Between two steps others get the file. */
const pagesPerStep = 1_024;

/** A file that needs no other beside it to be read. */
function makeSelfContained(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = DELETE");
  } finally {
    database.close();
  }
}
