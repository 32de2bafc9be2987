/** TableRow: what is written of an event to a table: a value for each column, of the types that SQLite has. */

import { MillraceError, printValue } from "../../runtime/index.ts";

/** Texts, numbers, bytes, nothing. A number that is whole and safe is stored as an integer. */
export type TableValue = string | number | bigint | Uint8Array | null;
/** In the order of the columns. */
export type TableRow = readonly TableValue[];

/** What happens to a table: a row takes the place of the one with the same key, or the one with a key goes. */
export type TableWrite = TableRow | { readonly gone: TableRow };

/** Which table, and what of an event goes into it. */
export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns that identify a row, so that a later event replaces it; empty when every event is a row of its own. */
  readonly key: readonly string[];
}

/** An event that cannot be written to a table. */
export class TableRowError extends MillraceError {
  readonly code = "ERR_JOB_TABLE_ROW";
}

/** The row of an event. Throws ERR_JOB_TABLE_ROW. */
export function rowOf({ name, columns, key }: TableDefinition, event: unknown): TableRow {
  if (typeof event !== "object" || event === null) {
    throw unwritable(name, `expected an object with ${columns.join(", ")}, got ${printValue(event)}`);
  }
  const fields = event as Readonly<Record<string, unknown>>;
  return columns.map((column) => {
    const value = columnValue(fields[column]);
    if (value === undefined) {
      const allowed = "a text, a finite number, an integer of 64 bits, a boolean, bytes or nothing";
      throw unwritable(name, `column "${column}": expected ${allowed}, got ${printValue(fields[column])}`);
    }
    if (value === null && key.includes(column))
      throw unwritable(name, `column "${column}" is part of the key and is missing`);
    return value;
  });
}

/** The values of the key of a row. */
export function keyValues({ columns, key }: TableDefinition, row: TableRow): TableRow {
  return key.map((column) => row[columns.indexOf(column)] ?? null);
}

/** Equal for rows with the same key. */
export function keyOf(table: TableDefinition, row: TableRow): string {
  return JSON.stringify(keyValues(table, row).map(keyPart));
}

/** Undefined for what SQLite cannot hold. */
function columnValue(value: unknown): TableValue | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return Number.isFinite(value) ? value : undefined;
    case "boolean":
      return value ? 1 : 0;
    case "bigint":
      return BigInt.asIntN(64, value) === value ? value : undefined;
    case "undefined":
      return null;
    default:
      return value === null || value instanceof Uint8Array ? value : undefined;
  }
}

/** As SQLite compares: 1 and 1n are the same, 1 and "1" are not. */
function keyPart(value: TableValue): readonly [kind: string, text: string] {
  if (typeof value === "string") return ["text", value];
  if (value instanceof Uint8Array) return ["bytes", Buffer.from(value).toString("base64")];
  return ["number", String(value)];
}

function unwritable(table: string, what: string): TableRowError {
  return new TableRowError(`an event cannot be written to table "${table}": ${what}`, { details: { table } });
}
