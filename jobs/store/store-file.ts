/**
 * StoreFile: the checkpoints of one job in one SQLite file: a manifest, the last complete checkpoint, and its records.
 *
 * Invariants
 *  F1  a checkpoint is one transaction: the file holds the one before or the new one (P7).
 *  F2  what is read is what was written: every row carries a checksum over all that it says, and the checkpoint carries the
 *      number and the sum of the checksums of its records, so that none is missing, old or out of place.
 *  F3  a file is complete when it gets its name: an empty one is damaged, never new.
 *
 * Who may open the file is decided in storage-lock.ts.
 */

import { existsSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { MillraceError } from "../../runtime/index.ts";
import { explainDifference } from "../fingerprint.ts";
import { recordChecksum } from "./record-checksum.ts";
import {
  StorageDamagedError,
  StorageError,
  StorageForeignError,
  StorageFormatError,
  StorageGraphError,
} from "./storage-error.ts";
import type { StoredCheckpoint, StoredRecord, StoreManifest, WrittenRecord } from "./store-protocol.ts";

/** Raised with every change of the tables that older code cannot read. */
const storeFormat = 1;
/** Marks a SQLite file as one of millrace: "mill" in ASCII. */
const applicationId = 0x6d696c6c;

interface CheckpointRow {
  readonly epoch: number;
  readonly at_ms: number;
  readonly record_count: number;
  readonly checksum_sum: number;
  readonly checksum: number;
}

interface RecordRow {
  readonly kind: StoredRecord["kind"];
  readonly operator: string;
  readonly instance: number;
  readonly number: number;
  readonly epoch: number;
  readonly length: number;
  readonly checksum: number;
  readonly bytes: Uint8Array;
}

/** Creates the file when there is none. Throws ERR_JOB_STORAGE. */
export function createStoreFile(path: string, { job, graph, createdAtMs }: StoreManifest): void {
  const draft = `${path}.new`;
  for (const leftover of [draft, `${draft}-journal`]) rmSync(leftover, { force: true });
  const database = new DatabaseSync(draft);
  try {
    database.exec(`PRAGMA synchronous = FULL; BEGIN; ${schema}`);
    const facts = [job, graph, createdAtMs] as const;
    database.prepare("INSERT INTO manifest VALUES (1, ?, ?, ?, ?)").run(...facts, recordChecksum(facts, noBytes));
    writeCheckpoint(database, { epoch: 0, at_ms: createdAtMs, record_count: 0, checksum_sum: 0 });
    database.exec("COMMIT");
  } finally {
    database.close();
  }
  renameSync(draft, path);
}

/**
 * The last complete checkpoint of a file, every record of it verified; the file is not changed.
 *
 * @param epochAtLeast a checkpoint that the file is known to have held
 * @throws ERR_JOB_STORAGE_DAMAGED naming the record, ERR_JOB_STORAGE_FOREIGN, ERR_JOB_STORAGE_FORMAT,
 *   ERR_JOB_STORAGE_GRAPH saying what differs, ERR_JOB_STORAGE
 */
export function readStoreFile(path: string, manifest: StoreManifest, epochAtLeast: number): StoredCheckpoint {
  if (!existsSync(path))
    throw damaged(path, `the file is missing, and has held the checkpoint of epoch ${epochAtLeast}`);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
    return verified(database, path, manifest, epochAtLeast);
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const { message, errcode } = error as Error & { errcode?: number };
    if (errcode === sqliteCannotOpen || errcode === sqlitePermission) {
      throw new StorageError(`${path} cannot be opened: ${message}`, { cause: error, details: { path } });
    }
    throw damaged(path, message, error);
  } finally {
    database?.close();
  }
}

export class StoreFile {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: busyMs });
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  }

  /** F1. An epoch that is complete already is left as it is: the answer to its writing may have been lost. */
  commit(epoch: number, atMs: number, records: readonly WrittenRecord[]): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const row = this.#database.prepare("SELECT * FROM checkpoint").get() as unknown as CheckpointRow;
      if (row.epoch < epoch) this.#write(row, epoch, atMs, records);
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #write(row: CheckpointRow, epoch: number, atMs: number, records: readonly WrittenRecord[]): void {
    let { record_count, checksum_sum } = row;
    const insert = this.#database.prepare("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    const same = "FROM record WHERE kind = ? AND operator = ? AND instance = ?";
    const count = this.#database.prepare(`SELECT count(*) AS count, total(checksum) AS sum ${same}`);
    const remove = this.#database.prepare(`DELETE ${same}`);
    for (const { kind, operator, instance, number, bytes, replaces } of records) {
      if (replaces) {
        const replaced = count.get(kind, operator, instance) as unknown as { count: number; sum: number };
        record_count -= replaced.count;
        checksum_sum -= replaced.sum;
        remove.run(kind, operator, instance);
      }
      const checksum = recordChecksum([kind, operator, instance, number, epoch], bytes);
      insert.run(kind, operator, instance, number, epoch, bytes.byteLength, checksum, bytes);
      record_count += 1;
      checksum_sum += checksum;
    }
    writeCheckpoint(this.#database, { epoch, at_ms: atMs, record_count, checksum_sum });
  }
}

/** A reader with another tool may keep the file for so long, in ms, before a write is taken for failed. */
const busyMs = 5_000;
const sqlitePermission = 3;
const sqliteCannotOpen = 14;
const noBytes = new Uint8Array();

const schema = `
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${storeFormat};
  CREATE TABLE manifest (
    id INTEGER PRIMARY KEY CHECK (id = 1), job TEXT NOT NULL, graph TEXT NOT NULL, created_at_ms REAL NOT NULL,
    checksum INTEGER NOT NULL
  );
  CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, at_ms REAL NOT NULL, record_count INTEGER NOT NULL,
    checksum_sum INTEGER NOT NULL, checksum INTEGER NOT NULL
  );
  CREATE TABLE record (
    kind TEXT NOT NULL, operator TEXT NOT NULL, instance INTEGER NOT NULL, number INTEGER NOT NULL,
    epoch INTEGER NOT NULL, length INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (kind, operator, instance, number)
  );
`;

function writeCheckpoint(database: DatabaseSync, row: Omit<CheckpointRow, "checksum">): void {
  const facts = checkpointFacts(row);
  database
    .prepare("INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?, ?)")
    .run(...facts, recordChecksum(facts, noBytes));
}

function checkpointFacts(row: Omit<CheckpointRow, "checksum">): number[] {
  return [row.epoch, row.at_ms, row.record_count, row.checksum_sum];
}

function verified(
  database: DatabaseSync,
  path: string,
  manifest: StoreManifest,
  epochAtLeast: number,
): StoredCheckpoint {
  checkHeader(database, path);
  const [found] = Object.values(database.prepare("PRAGMA integrity_check(1)").get() ?? {});
  if (found !== "ok") throw damaged(path, String(found));
  checkManifest(database, path, manifest);
  const row = database.prepare("SELECT * FROM checkpoint").get() as unknown as CheckpointRow | undefined;
  if (row === undefined || row.checksum !== recordChecksum(checkpointFacts(row), noBytes)) {
    throw damaged(path, "the record of the last checkpoint does not match its checksum");
  }
  if (row.epoch < epochAtLeast) {
    throw damaged(
      path,
      `it holds the checkpoint of epoch ${row.epoch}, and has held that of epoch ${epochAtLeast}. To go on from the older ` +
        `one, and have what came after it done again, delete ${path.replace(/sqlite$/, "owner")}`,
    );
  }
  return { epoch: row.epoch, records: readRecords(database, path, row) };
}

function checkHeader(database: DatabaseSync, path: string): void {
  const { application_id } = database.prepare("PRAGMA application_id").get() as { application_id: number };
  const { user_version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (
    application_id === 0 &&
    user_version === 0 &&
    database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined
  ) {
    throw damaged(path, "the file is empty");
  }
  if (application_id !== applicationId) {
    throw new StorageForeignError(`${path} is no file of checkpoints of millrace`, { details: { path } });
  }
  if (user_version === storeFormat) return;
  throw new StorageFormatError(
    `${path} has format ${user_version}, and this version of millrace reads format ${storeFormat}: ` +
      "use the version that has written it",
    { details: { path, format: user_version, formatMax: storeFormat } },
  );
}

function checkManifest(database: DatabaseSync, path: string, { job, graph }: StoreManifest): void {
  const row = database.prepare("SELECT * FROM manifest").get() as
    | { readonly job: string; readonly graph: string; readonly created_at_ms: number; readonly checksum: number }
    | undefined;
  if (row === undefined || row.checksum !== recordChecksum([row.job, row.graph, row.created_at_ms], noBytes)) {
    throw damaged(path, "the manifest does not match its checksum");
  }
  if (row.job !== job) {
    throw new StorageForeignError(
      `${path} holds checkpoints of job ${JSON.stringify(row.job)}, not of ${JSON.stringify(job)}`,
      { details: { path, job, storedJob: row.job } },
    );
  }
  if (row.graph === graph) return;
  const difference = explainDifference(row.graph, graph, { left: "in the checkpoint", right: "in the job now" });
  throw new StorageGraphError(
    `job ${JSON.stringify(job)} is not the one whose checkpoints ${path} holds:\n${difference}\n` +
      "Submit the job as it was, or give it another name or storage: checkpoints of a changed job are not supported yet.",
    { details: { path, job, difference } },
  );
}

function readRecords(database: DatabaseSync, path: string, checkpoint: CheckpointRow): StoredRecord[] {
  const records: StoredRecord[] = [];
  let checksumSum = 0;
  const rows = database.prepare("SELECT * FROM record ORDER BY kind, operator, instance, number").iterate();
  for (const row of rows as Iterable<unknown> as Iterable<RecordRow>) {
    const { kind, operator, instance, number, epoch, length, checksum, bytes } = row;
    const isRight =
      bytes instanceof Uint8Array &&
      bytes.byteLength === length &&
      epoch <= checkpoint.epoch &&
      checksum === recordChecksum([kind, operator, instance, number, epoch], bytes);
    if (!isRight) {
      throw damaged(
        path,
        `${kind} ${number} of ${operator}/${instance}, of epoch ${epoch}, does not match its checksum`,
      );
    }
    checksumSum += checksum;
    records.push({ kind, operator, instance, number, bytes });
  }
  if (records.length === checkpoint.record_count && checksumSum === checkpoint.checksum_sum) return records;
  throw damaged(path, `it has ${records.length} records that are not the ${checkpoint.record_count} of its checkpoint`);
}

function damaged(path: string, what: string, cause?: unknown): StorageDamagedError {
  return new StorageDamagedError(
    `${path} is damaged: ${what}. Put a copy of it back, or delete it to start from the beginning; ` +
      "older checkpoints to fall back on are not kept yet",
    { cause, details: { path, what } },
  );
}
