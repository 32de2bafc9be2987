/**
 * LettersPart: the dead letters that are kept, under increasing numbers. What people wish to become of them stands in a table
 * beside, which is no part of a checkpoint: it is written while no job runs, or by another process while one does.
 */

import type { DatabaseSync } from "node:sqlite";
import { decode, encode } from "../../../runtime/index.ts";
import { RecordTable } from "./record-table.ts";
import type { StorePart } from "./store-part.ts";

export interface LetterRecord {
  readonly number: number;
  /** An encoded EventDeadLetter. */
  readonly bytes: Uint8Array;
}

export interface LettersChange {
  readonly added: readonly LetterRecord[];
  readonly removed: readonly { readonly number: number; readonly id: string }[];
  /** Letters in all for which there was no room; undefined where there are no more than before. */
  readonly droppedCount: number | undefined;
}

export interface LettersContent {
  readonly records: readonly LetterRecord[];
  readonly droppedCount: number;
}

/** To be given to its operator again, or to be kept no longer. */
export type Wish = "resubmit" | "delete";

export interface LetterWish {
  readonly id: string;
  readonly wish: Wish;
}

/** In the place of a letter stands how many were dropped. */
const droppedNumber = 0;

const table = new RecordTable("dead_letter", { number: "INTEGER" });

export const lettersPart: StorePart<LettersChange, LettersContent> = {
  schema: `${table.schema}
    CREATE TABLE dead_letter_wish (id TEXT PRIMARY KEY, wish TEXT NOT NULL);`,

  write(database, epoch, { added, removed, droppedCount }, before) {
    const writer = table.writer(database, epoch, before);
    const forget = database.prepare("DELETE FROM dead_letter_wish WHERE id = ?");
    for (const { number, id } of removed) {
      writer.remove([number]);
      forget.run(id);
    }
    for (const { number, bytes } of added) writer.add([number], bytes);
    if (droppedCount !== undefined) {
      writer.remove([droppedNumber]);
      writer.add([droppedNumber], encode(droppedCount));
    }
    return writer.sum;
  },

  clear: (database) => table.clear(database),

  read(database, epoch) {
    const { rows, sum } = table.read(database, epoch);
    const all = rows.map(({ key, bytes }) => ({ number: key[0] as number, bytes }));
    const dropped = all.find(({ number }) => number === droppedNumber);
    const droppedCount = dropped === undefined ? 0 : (decode(dropped.bytes) as number);
    return { content: { records: all.filter((each) => each !== dropped), droppedCount }, sum };
  },
};

/** What people wish to become of letters, in no order. */
export function readWishes(database: DatabaseSync): readonly LetterWish[] {
  return database.prepare("SELECT id, wish FROM dead_letter_wish").all() as unknown as readonly LetterWish[];
}

/** Notes wishes, in one transaction; a later one takes the place of an earlier one. */
export function writeWishes(database: DatabaseSync, wishes: readonly LetterWish[]): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const insert = database.prepare("INSERT OR REPLACE INTO dead_letter_wish VALUES (?, ?)");
    for (const { id, wish } of wishes) insert.run(id, wish);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
