/**
 * CheckpointRow: the last complete checkpoint of a file: its epoch, its time, and what the records of each part are. Its
 * checksum is over all of that, so that a part of another checkpoint is as damaged as one with a flipped bit.
 */

import type { DatabaseSync } from "node:sqlite";
import { recordChecksum } from "./record-checksum.ts";
import { noRecords } from "./record-table.ts";
import { damagedFile } from "./store-damage.ts";
import { type PartSums, partNames } from "./store-parts.ts";

export interface CheckpointRow {
  readonly epoch: number;
  /** When it was complete, by the clock of the machine. */
  readonly atMs: number;
  readonly sums: PartSums;
}

export const checkpointSchema = `
  CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, at_ms REAL NOT NULL, parts TEXT NOT NULL,
    checksum INTEGER NOT NULL
  );
`;

/** Before the first checkpoint. */
export function emptyCheckpoint(atMs: number): CheckpointRow {
  const sums = Object.fromEntries(partNames.map((name) => [name, noRecords])) as PartSums;
  return { epoch: 0, atMs, sums };
}

/** In a transaction that is open. */
export function writeCheckpointRow(database: DatabaseSync, { epoch, atMs, sums }: CheckpointRow): void {
  const facts = [epoch, atMs, JSON.stringify(sums)] as const;
  database.prepare("INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?)").run(...facts, recordChecksum(facts));
}

/** @throws ERR_JOB_STORAGE_DAMAGED */
export function readCheckpointRow(database: DatabaseSync, path: string): CheckpointRow {
  const row = database.prepare("SELECT * FROM checkpoint").get() as
    | { readonly epoch: number; readonly at_ms: number; readonly parts: string; readonly checksum: number }
    | undefined;
  if (row === undefined) throw damagedFile(path, "the record of the last checkpoint is missing");
  const { epoch, at_ms: atMs, parts, checksum } = row;
  if (checksum !== recordChecksum([epoch, atMs, parts])) {
    throw damagedFile(path, "the record of the last checkpoint does not match its checksum");
  }
  return { epoch, atMs, sums: JSON.parse(parts) as PartSums };
}
