/**
 * RowColumns: rows of one shape that are taken one by one, each straight into the columns of a batch, with a key beside each. What a column is
 * read into comes from a row of before; a row with a value that has no place there is not taken.
 *
 * Invariants
 *  W1  the first `count` rows are what was taken, whatever was left behind them by one that was not.
 *  W2  a list that was written to is not written to again for the next batch: it would be old, and the garbage collector be told of each value.
 */

import { canMakeCode } from "../../can-make-code.ts";
import {
  type Column,
  type ColumnKind,
  DoubleColumn,
  IntColumn,
  isSame,
  kindFor,
  measureDoubles,
  measureInts,
  WordColumn,
  widerThan,
} from "./column.ts";
import { isPlainObject, type RowShape, shapeOf } from "./row-shape.ts";
import { type HasValue, ListStore, makeHasValue, makeTaker, type Store, type TakeRow } from "./row-taker.ts";

/** Rows as a batch. */
export interface TakenRows {
  readonly values: readonly unknown[];
  readonly times: undefined;
  readonly keys: readonly (string | number | bigint | boolean)[];
}

export class RowColumns {
  readonly shape: RowShape;
  readonly room: number;
  /** How many rows were taken. */
  count = 0;
  /** Writes a row behind those that were taken; `count` then says whether it is taken. Another function once `widen` was called. */
  take: TakeRow;
  /** Whether the key of a row is a field of it, as far as is known: then keys are not written. */
  hasKey: HasValue = hasNone;
  /** Present once a key was not that field. */
  keys: unknown[] | undefined;
  readonly #kinds: ColumnKind[];
  readonly #stores: Store[];
  #keyField: number | undefined;

  /** For rows of which one is known, all of them with its keys, in its order, and no others; undefined where there are no such columns. */
  static for(row: unknown, room: number): RowColumns | undefined {
    const shape = isPlainObject(row) && canMakeCode() ? shapeOf(row) : undefined;
    return shape === undefined ? undefined : new RowColumns(shape, row as Readonly<Record<string, unknown>>, room);
  }

  private constructor(shape: RowShape, row: Readonly<Record<string, unknown>>, room: number) {
    this.shape = shape;
    this.room = room;
    this.#kinds = shape.keys.map((key) => kindFor(row[key]));
    this.#stores = this.#kinds.map((kind) => storeOf(kind, room));
    this.take = this.#makeTaker();
    this.keys = new Array<unknown>(room);
  }

  /** Of which column the keys are the values; undefined where they are in `keys`. */
  get keyField(): number | undefined {
    return this.keys === undefined ? this.#keyField : undefined;
  }

  /** Whether there are values other than numbers and a few words, so that the rows may be large. */
  get hasLists(): boolean {
    return this.#stores.some((store) => store instanceof ListStore);
  }

  /** The key of the row that is taken next, where it is not the field. */
  keep(key: unknown): void {
    if (this.keys === undefined) {
      this.keys = new Array<unknown>(this.room);
      const keys = this.#valuesOf(this.#keyField as number, 0, this.count);
      for (let index = 0; index < this.count; index += 1) this.keys[index] = keys[index];
      this.hasKey = hasNone;
    }
    this.keys[this.count] = key;
  }

  /** The rows that were taken, as columns. */
  finish(): readonly Column[] {
    const { count } = this;
    return this.#stores.map((store) => {
      if (store instanceof ListStore) return store.list;
      if (store instanceof IntColumn) measureInts(store, count);
      else if (store instanceof DoubleColumn) measureDoubles(store, count);
      else forgetUnused(store, count);
      return store;
    });
  }

  /** The key of a row that was taken. */
  keyAt(index: number): unknown {
    if (this.keys !== undefined) return this.keys[index];
    const store = this.#stores[this.#keyField as number] as Store;
    if (store instanceof WordColumn) return store.words[store.codes[index] as number];
    return store instanceof ListStore ? store.list[index] : store.values[index];
  }

  /** The keys, where they are not a field. */
  keyList(): readonly unknown[] | undefined {
    return this.keys?.slice(0, this.count);
  }

  /** Of the rows that were taken so many, from one on, with their keys, as they were. */
  batchOf(from: number, count: number): TakenRows {
    const { keys } = this.shape;
    const fields = keys.map((_, index) => this.#valuesOf(index, from, count));
    const values = Array.from({ length: count }, (_, row) => {
      return Object.fromEntries(keys.map((key, index) => [key, fields[index]?.[row]]));
    });
    const keyList = this.keys?.slice(from, from + count) ?? fields[this.#keyField as number];
    return { values, times: undefined, keys: keyList as TakenRows["keys"] };
  }

  /** For the next batch. */
  clear(): void {
    if (this.keys !== undefined) this.#findKeyField(this.keys.slice(0, this.count));
    this.count = 0;
    for (const store of this.#stores) {
      if (store instanceof WordColumn) store.words.length = 0;
      else if (store instanceof ListStore) store.list = new Array<unknown>(this.room);
    }
  }

  /** A row was not taken because of this column. There are no rows. */
  widen(column: number): void {
    this.#kinds[column] = widerThan(this.#kinds[column] as ColumnKind);
    this.#stores[column] = storeOf(this.#kinds[column] as ColumnKind, this.room);
    this.take = this.#makeTaker();
  }

  #findKeyField(keys: readonly unknown[]): void {
    // It is asked once: keys that are a field only at times are no field.
    const field = this.#keyField === undefined ? this.finish().findIndex((column) => isSame(column, keys)) : -1;
    this.#keyField = field;
    this.keys = field < 0 ? new Array<unknown>(this.room) : undefined;
    this.hasKey = field < 0 ? hasNone : makeHasValue(this.shape.keys[field] as string);
  }

  #makeTaker(): TakeRow {
    return makeTaker(this.shape.keys, this.#kinds, this.#stores);
  }

  #valuesOf(index: number, from: number, count: number): unknown[] {
    const store = this.#stores[index] as Store;
    const to = from + count;
    if (store instanceof WordColumn) return Array.from(store.codes.subarray(from, to), (code) => store.words[code]);
    return store instanceof ListStore ? store.list.slice(from, to) : Array.from(store.values.subarray(from, to));
  }
}

const hasNone: HasValue = () => false;

function storeOf(kind: ColumnKind, room: number): Store {
  if (kind === "int") return new IntColumn(room);
  if (kind === "double") return new DoubleColumn(room);
  return kind === "word" ? new WordColumn(room) : new ListStore(room);
}

/** W1: words that only a row has which was not taken. */
function forgetUnused({ codes, words }: WordColumn, count: number): void {
  const taken = codes.subarray(0, count);
  while (words.length > 0 && !taken.includes(words.length - 1)) words.length -= 1;
}
