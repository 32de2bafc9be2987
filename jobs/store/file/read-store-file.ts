/** ReadStoreFile: the last complete checkpoint of a file, every record of it verified. The file is not changed. */

import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { MillraceError } from "../../../runtime/index.ts";
import { StorageError } from "../storage-error.ts";
import { readCheckpointRow } from "./checkpoint-row.ts";
import { type LetterWish, readWishes } from "./letters-part.ts";
import { RecordDamage } from "./record-table.ts";
import { damagedFile } from "./store-damage.ts";
import { busyMs } from "./store-file.ts";
import { checkFormat } from "./store-format.ts";
import { checkJob, readManifest, type StoreManifest } from "./store-manifest.ts";
import { partNames, readParts, type StoreContents } from "./store-parts.ts";

export interface StoredCheckpoint {
  /** What the job was made of when it was taken. */
  readonly manifest: StoreManifest;
  /** 0 before the first. */
  readonly epoch: number;
  readonly atMs: number;
  readonly contents: StoreContents;
  /** What people wish to become of dead letters. */
  readonly wishes: readonly LetterWish[];
}

/**
 * @param job of which the file has to be
 * @param epochAtLeast a checkpoint that the file is known to have held
 * @throws ERR_JOB_STORAGE_DAMAGED naming the record, ERR_JOB_STORAGE_FOREIGN, ERR_JOB_STORAGE_FORMAT, ERR_JOB_STORAGE
 */
export function readStoreFile(path: string, job: string, epochAtLeast: number): StoredCheckpoint {
  if (!existsSync(path)) {
    throw damagedFile(path, `the file is missing, and has held the checkpoint of epoch ${epochAtLeast}`);
  }
  return withStoreFile(path, (database) => verified(database, path, job, epochAtLeast));
}

/** Reads a file through a connection that changes nothing. What goes wrong becomes an error of the storage. */
export function withStoreFile<T>(path: string, read: (database: DatabaseSync) => T): T {
  return withStorageErrors(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
    try {
      database.exec("BEGIN");
      return read(database);
    } finally {
      database.close();
    }
  });
}

/** What goes wrong while a file is read becomes an error of the storage. */
export function withStorageErrors<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const { message, errcode } = error as Error & { errcode?: number };
    if (errcode === sqliteCannotOpen || errcode === sqlitePermission) {
      throw new StorageError(`${path} cannot be opened: ${message}`, { cause: error, details: { path } });
    }
    throw damagedFile(path, message, error instanceof RecordDamage ? undefined : error);
  }
}

/** Result codes of SQLite. */
const sqlitePermission = 3;
const sqliteCannotOpen = 14;

function verified(database: DatabaseSync, path: string, job: string, epochAtLeast: number): StoredCheckpoint {
  checkFormat(database, path);
  const [found] = Object.values(database.prepare("PRAGMA integrity_check(1)").get() ?? {});
  if (found !== "ok") throw damagedFile(path, String(found));
  const manifest = readManifest(database, path);
  checkJob(path, manifest, job);
  const { epoch, atMs, sums } = readCheckpointRow(database, path);
  if (epoch < epochAtLeast) {
    throw damagedFile(path, `it holds the checkpoint of epoch ${epoch}, and has held that of epoch ${epochAtLeast}`);
  }
  const { contents, sums: actualSums } = readParts(database, epoch);
  for (const name of partNames) {
    const [expected, actual] = [sums[name], actualSums[name]];
    if (expected.count === actual.count && expected.checksums === actual.checksums) continue;
    throw damagedFile(
      path,
      `its ${name} are ${actual.count} records that are not the ${expected.count} of its checkpoint`,
    );
  }
  return { manifest, epoch, atMs, contents, wishes: readWishes(database) };
}
