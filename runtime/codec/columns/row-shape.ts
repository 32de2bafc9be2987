/**
 * RowShape: the keys of objects of one shape, in their order, and what reads their values into columns: functions made for it
 * (row-reader.ts) once it has come again, where code may be made from text; otherwise the same, key by key.
 *
 * Invariants
 *  S1  what is read does not depend on what was met before: a message is the same whenever it is written.
 */

import { canMakeCode } from "../../can-make-code.ts";
import { encode } from "../codec.ts";
import {
  type Column,
  type ColumnKind,
  type DoubleColumn,
  type IntColumn,
  kindFor,
  readInts,
  readNumbers,
  readWords,
  type WordColumn,
  widerThan,
} from "./column.ts";
import { type HasShape, makeCheck, makeReader, otherShape, type ReadRows, readAll } from "./row-reader.ts";

/** Objects with more keys have no shape. */
const rowKeysMax = 64;
/** A shape that was met so often is worth functions of its own. */
const meetingsMin = 3;
/** When there are more the table starts over, so that objects that serve as tables cannot fill it. */
const shapesMax = 1_024;

export class RowShape {
  readonly keys: readonly string[];
  /** What stands for the keys in a message, packed. */
  readonly packedText: Uint8Array;
  /** By key: what it is read into. Once something was met that has no place there, something wider. */
  readonly kinds: ColumnKind[];
  #meetings = 0;
  #read: ReadRows | undefined;
  #has: HasShape | undefined;

  constructor(keys: readonly string[], text: string, row: Readonly<Record<string, unknown>>) {
    this.keys = keys;
    this.packedText = encode(text);
    this.kinds = keys.map((key) => kindFor(row[key]));
  }

  /** Reads rows into columns of these kinds. */
  read(rows: readonly unknown[], count: number, columns: readonly Column[]): number {
    this.#meetings += 1;
    if (!this.#isWorthCode) return this.#readSlowly(rows, count, columns);
    this.#read ??= makeReader(this.keys, this.kinds);
    return this.#read(rows, count, columns);
  }

  /** Whether an object is of this shape. */
  has(row: object): boolean {
    if (!this.#isWorthCode) return isPlainObject(row) && this.#hasKeys(row);
    this.#has ??= makeCheck(this.keys);
    return this.#has(row);
  }

  widen(column: number): void {
    this.kinds[column] = widerThan(this.kinds[column] as ColumnKind);
    this.#read = undefined;
  }

  get #isWorthCode(): boolean {
    return this.#meetings >= meetingsMin && canMakeCode();
  }

  /** As the function does that is made. */
  #readSlowly(rows: readonly unknown[], count: number, columns: readonly Column[]): number {
    for (let index = 0; index < count; index += 1) {
      const row = rows[index];
      if (!isPlainObject(row) || !this.#hasKeys(row)) return otherShape;
    }
    for (let column = 0; column < this.keys.length; column += 1) {
      const key = this.keys[column] as string;
      const list = Array.from({ length: count }, (_, index) => (rows[index] as Readonly<Record<string, unknown>>)[key]);
      if (!readList(list, columns[column] as Column, this.kinds[column] as ColumnKind)) return column;
    }
    return readAll;
  }

  #hasKeys(row: object): boolean {
    const { keys } = this;
    let at = 0;
    for (const key in row) {
      if (key !== keys[at]) return false;
      at += 1;
    }
    return at === keys.length;
  }
}

function readList(list: readonly unknown[], column: Column, kind: ColumnKind): boolean {
  if (kind === "int") return readInts(list, list.length, column as IntColumn);
  if (kind === "double") return readNumbers(list, list.length, column as DoubleColumn);
  if (kind === "word") return readWords(list, list.length, column as WordColumn);
  for (let index = 0; index < list.length; index += 1) (column as unknown[])[index] = list[index];
  return true;
}

/** Also false for an object that has a key `__proto__`. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  // biome-ignore lint/suspicious/noProto: one read that the engine inlines, where getPrototypeOf would miss own keys
  return (value as { readonly __proto__?: unknown }).__proto__ === Object.prototype;
}

/** The shape of an object; undefined for one that has none. */
export function shapeOf(row: Readonly<Record<string, unknown>>): RowShape | undefined {
  const keys = Object.keys(row);
  if (keys.length > rowKeysMax || keys.includes("__proto__") || "__keys__" in row) return undefined;
  const text = JSON.stringify(keys);
  let shape = shapes.get(text);
  if (shape === undefined) {
    if (shapes.size >= shapesMax) shapes.clear();
    shape = new RowShape(keys, text, row);
    shapes.set(text, shape);
  }
  return shape;
}

/** The keys in a text of a shape; undefined when it is none. */
export function keysOf(text: string): readonly string[] | undefined {
  const keys: unknown = JSON.parse(text);
  if (!Array.isArray(keys) || keys.length > rowKeysMax) return undefined;
  return keys.every((key) => typeof key === "string" && key !== "__proto__") ? keys : undefined;
}

/** By the text of their keys. */
const shapes = new Map<string, RowShape>();
