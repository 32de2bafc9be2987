/**
 * StoreFile: the checkpoints of one job in one SQLite file, open for writing: a manifest, the last complete checkpoint, and
 * the records of its parts.
 *
 * Invariants
 *  F1  a checkpoint is one transaction: the file holds the one before or the new one (P7).
 *  F2  what is read is what was written: every row carries a checksum over all that it says, and the checkpoint carries, for
 *      each part, the number and the sum of the checksums of its records, so that none is missing, old or out of place.
 *  F3  a file is complete when it gets its name: an empty one is damaged, never new.
 *
 * Not here: who may open it (storage-lock.ts), what it is composed of (store-parts.ts), reading it (read-store-file.ts).
 */

import { DatabaseSync } from "node:sqlite";
import { faultPoint } from "../../../runtime/index.ts";
import type { TableDefinition } from "../../tables/table-row.ts";
import { readCheckpointRow, writeCheckpointRow } from "./checkpoint-row.ts";
import { type LetterWish, readWishes } from "./letters-part.ts";
import { readableSchema } from "./readable-rows.ts";
import { ReadableState } from "./readable-state.ts";
import { RecordDamage } from "./record-table.ts";
import { damagedFile } from "./store-damage.ts";
import { storeSchema } from "./store-format.ts";
import { type StoreManifest, writeManifest } from "./store-manifest.ts";
import { clearParts, type StoreChanges, writeParts } from "./store-parts.ts";
import { createUserTables, type TableChange, writeUserRows } from "./user-tables.ts";

/** A reader with another tool may keep the file for so long, in ms, before a write is taken for failed. */
export const busyMs = 5_000;

/** What a checkpoint writes. */
export interface StoreCommit {
  readonly epoch: number;
  /** When it was complete, by the clock of the machine. */
  readonly atMs: number;
  readonly changes: StoreChanges;
  /** For tables of the author, oldest first. */
  readonly tables: readonly TableChange[];
  /**
   * What the job is made of now, when it goes on from a checkpoint that was moved into another graph or read from elsewhere:
   * the changes are all of every part then, and take the place of what there was.
   */
  readonly anew?: StoreManifest;
}

export class StoreFile {
  readonly #path: string;
  readonly #database: DatabaseSync;
  /** Undefined where no other tool will look at the file. */
  readonly #readable: ReadableState | undefined;
  #hasCommitted = false;

  /**
   * Opens a file that was verified.
   *
   * @param isTemporary whether it ends with the process: then no write waits for the disk, and no other tool will look at it
   */
  constructor(path: string, isTemporary = false) {
    this.#path = path;
    this.#database = new DatabaseSync(path, { timeout: busyMs });
    this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${isTemporary ? "OFF" : "FULL"};`);
    this.#readable = isTemporary ? undefined : new ReadableState(this.#database);
  }

  /** Throws ERR_JOB_STORAGE_TABLE for one that is there and is another one. */
  createTables(tables: readonly TableDefinition[]): void {
    createUserTables(this.#database, this.#path, tables, `${storeSchema} ${readableSchema}`);
  }

  /**
   * F1. An epoch that is complete already is left as it is: the answer to its writing may have been lost. Returns what people
   * wish to become of dead letters by now.
   */
  commit({ epoch, atMs, changes, tables, anew }: StoreCommit): readonly LetterWish[] {
    const database = this.#database;
    faultPoint("store.transaction.before");
    database.exec("BEGIN IMMEDIATE");
    try {
      const last = readCheckpointRow(database, this.#path);
      if (last.epoch < epoch) {
        if (anew !== undefined) {
          writeManifest(database, anew);
          this.#readable?.clear();
        }
        const before = anew === undefined ? last.sums : clearParts(database);
        writeCheckpointRow(database, { epoch, atMs, sums: writeParts(database, epoch, changes, before) });
        this.#readable?.follow(epoch, last.epoch, changes.state ?? [], atMs);
        writeUserRows(database, tables);
      }
      const wishes = readWishes(database);
      faultPoint("store.transaction.written");
      database.exec("COMMIT");
      this.#hasCommitted = true;
      faultPoint("store.transaction.committed");
      return wishes;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error instanceof RecordDamage ? damagedFile(this.#path, error.message) : error;
    }
  }

  /** Also lets other tools see all of the last checkpoint; what fails there fails the call, and the file is closed. */
  close(): void {
    try {
      if (this.#hasCommitted && this.#readable !== undefined) this.#writeReadable(this.#readable);
    } catch (error) {
      throw error instanceof RecordDamage ? damagedFile(this.#path, error.message) : error;
    } finally {
      this.#database.close();
    }
  }

  #writeReadable(readable: ReadableState): void {
    this.#database.exec("BEGIN IMMEDIATE");
    readable.writeAll(readCheckpointRow(this.#database, this.#path).epoch);
    this.#database.exec("COMMIT");
  }
}
