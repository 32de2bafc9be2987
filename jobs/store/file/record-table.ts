/**
 * RecordTable: a table of the file whose rows carry their epoch, their length and a checksum over all that they say. How many
 * rows it has, and the sum of their checksums, belongs to the checkpoint, so that none is missing, old or out of place.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { recordChecksum } from "./record-checksum.ts";

export type RecordKey = readonly (string | number)[];

export interface StoredRow {
  readonly key: RecordKey;
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

export interface RowsRead {
  readonly rows: readonly StoredRow[];
  readonly sum: RecordSum;
}

/** What the rows of a table are together. */
export interface RecordSum {
  readonly count: number;
  /** Of the checksums, modulo 2 ** 32. */
  readonly checksums: number;
}

export const noRecords: RecordSum = { count: 0, checksums: 0 };

/** A row is not what was written; `what` names it. */
export class RecordDamage extends Error {}

export class RecordTable {
  readonly #name: string;
  readonly #columns: readonly string[];

  /** @param columns of the key, with their types: `{ operator: "TEXT", instance: "INTEGER" }` */
  constructor(name: string, columns: Readonly<Record<string, "TEXT" | "INTEGER">>) {
    this.#name = name;
    this.#columns = Object.keys(columns);
    const definitions = Object.entries(columns).map(([column, type]) => `${column} ${type} NOT NULL`);
    this.schema = `CREATE TABLE ${name} (${definitions.join(", ")}, epoch INTEGER NOT NULL, length INTEGER NOT NULL,
      checksum INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (${this.#columns.join(", ")}));`;
  }

  readonly schema: string;

  /** Takes out every row, in a transaction that is open. */
  clear(database: DatabaseSync): RecordSum {
    database.exec(`DELETE FROM ${this.#name}`);
    return noRecords;
  }

  /** Begins to write, in a transaction that is open. */
  writer(database: DatabaseSync, epoch: number, sum: RecordSum): RecordWriter {
    return new RecordWriter(database, this.#name, this.#columns, epoch, sum);
  }

  /**
   * Rows in the order of their keys, each verified, and what they are together.
   *
   * @param epochMax of the checkpoint they are part of
   * @param prefix with what their keys begin; without it, all
   * @throws RecordDamage
   */
  read(database: DatabaseSync, epochMax: number, prefix: RecordKey = []): RowsRead {
    const rows: StoredRow[] = [];
    let checksums = 0;
    const order = this.#columns.join(", ");
    const where = whereOf(this.#columns, prefix);
    const statement = database.prepare(`SELECT * FROM ${this.#name} ${where} ORDER BY ${order}`);
    for (const row of statement.iterate(...prefix)) {
      const { epoch, length, checksum, bytes } = row;
      const key = this.#columns.map((column) => row[column] as string | number);
      const isRight =
        bytes instanceof Uint8Array &&
        bytes.byteLength === length &&
        typeof epoch === "number" &&
        epoch <= epochMax &&
        checksum === recordChecksum([this.#name, ...key, epoch], bytes);
      if (!isRight) {
        throw new RecordDamage(`${this.#name} ${key.join("/")}, of epoch ${epoch}, does not match its checksum`);
      }
      rows.push({ key, epoch, bytes });
      checksums = (checksums + checksum) >>> 0;
    }
    return { rows, sum: { count: rows.length, checksums } };
  }
}

export class RecordWriter {
  readonly #database: DatabaseSync;
  readonly #name: string;
  readonly #columns: readonly string[];
  readonly #epoch: number;
  readonly #insert: StatementSync;
  #count: number;
  #checksums: number;

  constructor(database: DatabaseSync, name: string, columns: readonly string[], epoch: number, sum: RecordSum) {
    this.#database = database;
    this.#name = name;
    this.#columns = columns;
    this.#epoch = epoch;
    this.#count = sum.count;
    this.#checksums = sum.checksums;
    const marks = [...columns, "epoch", "length", "checksum", "bytes"].map(() => "?");
    this.#insert = database.prepare(`INSERT INTO ${name} VALUES (${marks.join(", ")})`);
  }

  /** What the rows are now. */
  get sum(): RecordSum {
    return { count: this.#count, checksums: this.#checksums };
  }

  add(key: RecordKey, bytes: Uint8Array): void {
    const checksum = recordChecksum([this.#name, ...key, this.#epoch], bytes);
    this.#insert.run(...key, this.#epoch, bytes.byteLength, checksum, bytes);
    this.#count += 1;
    this.#checksums = (this.#checksums + checksum) >>> 0;
  }

  /** Takes out every row whose key begins with `key`. */
  remove(key: RecordKey): void {
    const found = `FROM ${this.#name} ${whereOf(this.#columns, key)}`;
    const row = this.#database
      .prepare(`SELECT count(*) AS count, coalesce(sum(checksum), 0) % 4294967296 AS checksums ${found}`)
      .get(...key) as unknown as RecordSum;
    if (row.count === 0) return;
    this.#database.prepare(`DELETE ${found}`).run(...key);
    this.#count -= row.count;
    this.#checksums = (this.#checksums - row.checksums) >>> 0;
  }
}

function whereOf(columns: readonly string[], prefix: RecordKey): string {
  return prefix.length === 0 ? "" : `WHERE ${prefix.map((_, index) => `${columns[index]} = ?`).join(" AND ")}`;
}
