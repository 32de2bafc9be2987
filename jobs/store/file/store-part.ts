/**
 * StorePart: one named part of what a file holds: its tables, what a checkpoint writes to them, and how they are read. All
 * parts are written in the one transaction of a checkpoint, and the checkpoint carries the sums of all of them.
 *
 * The parts there are, and what each is given: store-parts.ts.
 */

import type { DatabaseSync } from "node:sqlite";
import type { RecordSum } from "./record-table.ts";

export interface StorePart<Change, Content> {
  /** Creates its tables. */
  readonly schema: string;
  /** Writes what the checkpoint of an epoch changes; returns what its records are then. */
  write(database: DatabaseSync, epoch: number, change: Change, before: RecordSum): RecordSum;
  /** Takes everything out; returns what its records are then. */
  clear(database: DatabaseSync): RecordSum;
  /** Everything it holds as of the checkpoint of an epoch, verified, and what its records are. Throws RecordDamage. */
  read(database: DatabaseSync, epoch: number): { readonly content: Content; readonly sum: RecordSum };
}
