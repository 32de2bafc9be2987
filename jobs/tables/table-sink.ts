/**
 * table: a sink into a table of the job's own storage. Rows travel with the snapshot of their epoch and are written in the
 * transaction of its checkpoint, so that table and checkpoint are never of different epochs: no second phase is needed.
 *
 * Not here: writing them (store/file/user-tables.ts).
 */

import {
  type Batch,
  type Change,
  type OperatorLogic,
  type Output,
  rowAfter,
  rowBefore,
  type SinkSpec,
} from "../../actors/index.ts";
import { checkNames, encode, OptionError } from "../../runtime/index.ts";
import { tableColumnsMax, tableNameCharactersMax } from "../limits.ts";
import { keyOf, keyValues, rowOf, type TableDefinition, type TableWrite } from "./table-row.ts";

export interface TableOptions<T> {
  /** The fields of an event that are written, one column each; at most `tableColumnsMax`. */
  readonly columns: readonly (keyof T & string)[];
  /** Those that identify a row: a later event with the same values replaces it. Default: every event is a row of its own. */
  readonly key?: readonly (keyof T & string)[];
}

/** What the job graph holds of it. */
export interface TableSinkSpec<T> extends SinkSpec<T> {
  readonly table: TableDefinition;
}

export const tableKind = "table";

/**
 * Writes events to a table of the file `<storage>/<job>.sqlite`, which any tool for SQLite can read while the job runs. A
 * column holds what events hold: texts, numbers (whole ones as integers), booleans as 0 and 1, bytes, or NULL for what is
 * missing. At the end of a table its rows are written, and deleted when they go, which takes a key. The table is created when there is none. The job needs `storage`, and a guarantee other than at-most-once.
 *
 * @throws ERR_RT_OPTION for a name or an option that is not allowed
 * Submit fails with ERR_JOB_TABLE without storage, and when two sinks write to one table; with ERR_JOB_STORAGE_TABLE when
 * there is another table of that name. An event fails with ERR_JOB_TABLE_ROW when a column cannot hold its value.
 */
export function table<T extends object>(name: string, options: TableOptions<T>): TableSinkSpec<T> {
  const definition = checkTable(name, options);
  const spec = { kind: tableKind, origin: name, heads: true, table: definition };
  const sink = { ...spec, create: () => new TableLogic(definition, false) };
  // Without a key a row that goes would not be found again.
  if (definition.key.length === 0) return sink;
  return { ...sink, ofTable: { ...spec, create: () => new TableLogic(definition, true) } };
}

class TableLogic implements OperatorLogic {
  readonly #table: TableDefinition;
  /** Of the epoch in progress; how many they are is bounded by what senders keep of it for a replay. */
  #rows: TableWrite[] = [];
  #rowByKey = new Map<string, TableWrite>();
  readonly #takesChanges: boolean;

  /** @param takesChanges whether events are changes of rows, rather than rows */
  constructor(definition: TableDefinition, takesChanges: boolean) {
    this.#table = definition;
    this.#takesChanges = takesChanges;
  }

  onBatch({ values }: Batch, from: number, to: number, output: Output): void {
    const isKeyed = this.#table.key.length > 0;
    for (let index = from; index < to; index += 1) {
      output.begin(index);
      if (this.#takesChanges) {
        this.#change(values[index] as Change);
        continue;
      }
      const row = rowOf(this.#table, values[index]);
      if (isKeyed) this.#rowByKey.set(keyOf(this.#table, row), row);
      else this.#rows.push(row);
    }
  }

  #change(change: Change): void {
    const table = this.#table;
    const [before, after] = [rowBefore(change), rowAfter(change)];
    const row = after === undefined ? undefined : rowOf(table, after);
    const key = row === undefined ? undefined : keyOf(table, row);
    if (before !== undefined) {
      const gone = rowOf(table, before);
      const goneKey = keyOf(table, gone);
      if (goneKey !== key) this.#rowByKey.set(goneKey, { gone: keyValues(table, gone) });
    }
    if (row !== undefined && key !== undefined) this.#rowByKey.set(key, row);
  }

  takeRows(): Uint8Array | undefined {
    const rows = this.#table.key.length > 0 ? [...this.#rowByKey.values()] : this.#rows;
    if (rows.length === 0) return undefined;
    this.#rows = [];
    this.#rowByKey = new Map();
    return encode(rows, `rows of table "${this.#table.name}"`);
  }
}

function checkTable(name: unknown, options: TableOptions<never>): TableDefinition {
  checkNames("table", options, { columns: true, key: true });
  const { columns, key = [] } = options;
  return {
    name: checkIdentifier("table: name", name),
    columns: checkColumns("table: columns", columns, 1),
    key: checkColumns("table: key", key, 0).map((column) => {
      if ((columns as readonly string[]).includes(column)) return column;
      throw new OptionError("table: key", column, `one of the columns ${(columns as readonly string[]).join(", ")}`);
    }),
  };
}

function checkColumns(path: string, columns: unknown, countMin: number): readonly string[] {
  if (!Array.isArray(columns) || columns.length < countMin || columns.length > tableColumnsMax) {
    throw new OptionError(path, columns, `an array of ${countMin} to ${tableColumnsMax} names`);
  }
  const names = columns.map((column: unknown) => checkIdentifier(path, column));
  // SQLite takes no notice of the case of a name.
  const taken = new Set(names.map((column) => column.toLowerCase()));
  if (taken.size === names.length) return names;
  throw new OptionError(path, columns, "names that differ, in more than upper and lower case");
}

function checkIdentifier(path: string, name: unknown): string {
  if (typeof name === "string" && name.length <= tableNameCharactersMax && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return name;
  throw new OptionError(
    path,
    name,
    `a name of at most ${tableNameCharactersMax} letters, digits and _, not a digit first`,
  );
}
