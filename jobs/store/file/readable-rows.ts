/** ReadableRows: the tables and views in which any SQLite tool shows the state of operators. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StateEntry } from "../../../actors/index.ts";
import { readableEntry } from "../readable-entry.ts";
import { readableJson, readableTime } from "../readable-value.ts";

/**
 * `rows_epoch` is null while the rows of an operator are those of the checkpoint, and 0 when it has none because its keys are too
 * many. The view has a space in its name so that it is never in the way of a table of the author.
 */
export const readableSchema = `
  CREATE TABLE readable_row (
    operator TEXT NOT NULL, instance INTEGER NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
    kind TEXT NOT NULL, value TEXT NOT NULL, time TEXT, epoch INTEGER NOT NULL,
    PRIMARY KEY (operator, instance, name, key)
  ) WITHOUT ROWID;
  CREATE TABLE readable_operator (operator TEXT PRIMARY KEY, rows_epoch INTEGER);
  CREATE VIEW "state overview" AS
    SELECT operator, (SELECT count(*) FROM readable_row WHERE readable_row.operator = readable_operator.operator) AS keys_shown,
      coalesce(rows_epoch, checkpoint.epoch) AS rows_epoch, checkpoint.epoch AS checkpoint_epoch,
      CASE
        WHEN rows_epoch IS NULL THEN 'as of the checkpoint'
        WHEN rows_epoch = 0 THEN 'not shown, it is large: millrace state get'
        ELSE 'older than the checkpoint, it changes much: millrace state get'
      END AS remark
    FROM readable_operator, checkpoint;
`;

export class ReadableRows {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteAll: StatementSync;
  readonly #note: StatementSync;

  constructor(database: DatabaseSync) {
    const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'readable_row'").get() !== undefined;
    if (!isThere) database.exec(`BEGIN IMMEDIATE; ${readableSchema} COMMIT;`);
    this.#database = database;
    this.#insert = database.prepare("INSERT OR REPLACE INTO readable_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#delete = database.prepare(
      "DELETE FROM readable_row WHERE operator = ? AND instance = ? AND name = ? AND key = ?",
    );
    this.#deleteAll = database.prepare("DELETE FROM readable_row WHERE operator = ?");
    this.#note = database.prepare("INSERT OR REPLACE INTO readable_operator VALUES (?, ?)");
  }

  /** Those that have been added, and whether their rows are those of the checkpoint. */
  operators(): ReadonlyMap<string, boolean> {
    const rows = this.#database.prepare("SELECT operator, rows_epoch FROM readable_operator").all();
    return new Map(rows.map(({ operator, rows_epoch }) => [operator as string, rows_epoch === null]));
  }

  /** An operator that has no state yet. The name of an operator has no quotes in it. */
  add(operator: string): void {
    this.#note.run(operator, null);
    this.#database.exec(`
      DROP VIEW IF EXISTS "state of ${operator}";
      CREATE VIEW "state of ${operator}" AS
        SELECT state, kind, key, value, time, instance, epoch FROM readable_row WHERE operator = '${operator}'`);
  }

  /** The rows of an operator are those of an epoch from now on; undefined for those of the checkpoint. */
  leave(operator: string, epoch: number | undefined): void {
    this.#note.run(operator, epoch ?? null);
  }

  write(epoch: number, operator: string, instance: number, entry: StateEntry): void {
    const { state, kind, key, value, timeMs } = readableEntry(entry);
    const time = timeMs === undefined ? null : readableTime(timeMs);
    const texts = [readableJson(key), state, kind, readableJson(value)] as const;
    this.#insert.run(operator, instance, entry[0], ...texts, time, epoch);
  }

  remove(operator: string, instance: number, entry: StateEntry): void {
    this.#delete.run(operator, instance, entry[0], readableJson(readableEntry(entry).key));
  }

  removeAll(operator: string): void {
    this.#deleteAll.run(operator);
  }

  clear(): void {
    for (const operator of this.operators().keys()) this.#database.exec(`DROP VIEW IF EXISTS "state of ${operator}"`);
    this.#database.exec("DELETE FROM readable_row; DELETE FROM readable_operator;");
  }
}
