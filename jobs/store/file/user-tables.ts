/**
 * UserTables: the tables of the author in the file of a job. Rows are written in the transaction of the checkpoint that they
 * belong to, so that they are there exactly when it is (F1).
 *
 * They carry no checksums: they are made to be read by other tools. Pages are verified by SQLite when a file is opened.
 */

import type { DatabaseSync } from "node:sqlite";
import { decode } from "../../../runtime/index.ts";
import type { TableDefinition, TableValue, TableWrite } from "../../tables/table-row.ts";
import { StorageTableError } from "../storage-error.ts";

/** Rows of one epoch for a table, encoded. */
export interface TableChange {
  readonly table: TableDefinition;
  readonly bytes: Uint8Array;
}

/**
 * Creates what is not there, in a transaction of its own.
 *
 * @param ownSchema of the file; none of its tables can be an author's
 * @throws ERR_JOB_STORAGE_TABLE when a table is there with other columns or another key, or belongs to the file
 */
export function createUserTables(
  database: DatabaseSync,
  path: string,
  tables: readonly TableDefinition[],
  ownSchema: string,
): void {
  if (tables.length === 0) return;
  const own = new Set([...ownSchema.matchAll(/CREATE TABLE (\w+)/g)].map(([, name]) => name?.toLowerCase()));
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const table of tables) {
      if (own.has(table.name.toLowerCase()) || table.name.toLowerCase().startsWith("sqlite_")) {
        throw refused(path, table, "the name is taken by the file itself; give it another one");
      }
      create(database, path, table);
    }
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** In a transaction that is open. */
export function writeUserRows(database: DatabaseSync, changes: readonly TableChange[]): void {
  for (const { table, bytes } of changes) {
    const insert = database.prepare(insertOf(table));
    const remove = table.key.length === 0 ? undefined : database.prepare(deleteOf(table));
    for (const write of decode(bytes) as readonly TableWrite[]) {
      if ("gone" in write) remove?.run(...write.gone.map(sqlValue));
      else insert.run(...write.map(sqlValue));
    }
  }
}

interface FoundColumn {
  readonly name: string;
  /** Its place in the primary key, from 1; 0 when it is not part of it. */
  readonly pk: number;
}

function create(database: DatabaseSync, path: string, table: TableDefinition): void {
  const { name, columns, key } = table;
  const found = database.prepare(`SELECT name, pk FROM pragma_table_info(?)`).all(name) as unknown as FoundColumn[];
  if (found.length > 0) return compare(path, table, found);
  const keys = key.map((column) => `"${column}"`).join(", ");
  // A key of one integer would be the row's number, and take no text.
  const primaryKey = key.length === 0 ? "" : `, PRIMARY KEY (${keys})`;
  const ending = key.length === 0 ? "" : " WITHOUT ROWID";
  database.exec(`CREATE TABLE "${name}" (${columns.map((column) => `"${column}"`).join(", ")}${primaryKey})${ending}`);
}

function compare(path: string, table: TableDefinition, found: readonly FoundColumn[]): void {
  const columns = found.map(({ name }) => name);
  const key = found
    .filter(({ pk }) => pk > 0)
    .toSorted((left, right) => left.pk - right.pk)
    .map(({ name }) => name);
  if (columns.join() === table.columns.join() && key.join() === table.key.join()) return;
  const text = (names: readonly string[], keys: readonly string[]) =>
    `${names.join(", ")}${keys.length === 0 ? "" : ` with the key ${keys.join(", ")}`}`;
  throw refused(
    path,
    table,
    `it is there with the columns ${text(columns, key)}, and the job has ${text(table.columns, table.key)}; ` +
      "give it another name, or change the table with a tool for SQLite",
  );
}

function insertOf({ name, columns, key }: TableDefinition): string {
  const names = columns.map((column) => `"${column}"`).join(", ");
  const insert = `INSERT INTO "${name}" (${names}) VALUES (${columns.map(() => "?").join(", ")})`;
  if (key.length === 0) return insert;
  const rest = columns.filter((column) => !key.includes(column));
  const update = rest.map((column) => `"${column}" = excluded."${column}"`).join(", ");
  const conflict = `ON CONFLICT (${key.map((column) => `"${column}"`).join(", ")})`;
  return `${insert} ${conflict} DO ${rest.length === 0 ? "NOTHING" : `UPDATE SET ${update}`}`;
}

function deleteOf({ name, key }: TableDefinition): string {
  return `DELETE FROM "${name}" WHERE ${key.map((column) => `"${column}" = ?`).join(" AND ")}`;
}

/** The driver stores every number as a real, unless it is a bigint. */
function sqlValue(value: TableValue): TableValue {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function refused(path: string, { name }: TableDefinition, why: string): StorageTableError {
  return new StorageTableError(`table "${name}" in ${path}: ${why}`, { details: { path, table: name } });
}
