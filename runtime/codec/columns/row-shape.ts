/**
 * RowShape: the keys of objects of one shape, in their order, and a function made for it that reads their values into columns.
 *
 * Reading `row[key]` with whatever key costs the engine a look-up; a function in which the keys are written reads a field at a fixed
 * place. It is made for a shape that comes again, not for each object that serves as a table, and where code may be made from text.
 *
 * Invariants
 *  S1  what was read is all that there is: an object with another key, or the same in another order, is not of the shape.
 *  S2  what is read does not depend on what was met before: a message is the same whenever it is written.
 */

import { encode } from "../codec.ts";

/** A column of numbers, or of anything. */
export type Column = Float64Array | unknown[];

/** What `read` answers when it has read all rows; otherwise the column that is not of numbers, or a negative number. */
export const readAll = -1;
const otherShape = -2;

/** Not a whole number of 32 bits among them, or -0. */
export const notWhole = -1;

export type ReadRows = (
  rows: readonly unknown[],
  count: number,
  columns: readonly Column[],
  magnitudes: Int32Array,
  prototype: object,
) => number;

type HasShape = (row: object, prototype: object) => boolean;

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
  /** By key; those that were ever met with something else are none. */
  readonly areNumbers: boolean[];
  /** By key: the bits that the numbers read last need, or `notWhole`. */
  readonly magnitudes: Int32Array;
  #meetings = 0;
  #read: ReadRows | undefined;
  #has: HasShape | undefined;

  constructor(keys: readonly string[], text: string, row: Readonly<Record<string, unknown>>) {
    this.keys = keys;
    this.packedText = encode(text);
    this.areNumbers = keys.map((key) => typeof row[key] === "number");
    this.magnitudes = new Int32Array(keys.length);
  }

  /** Reads rows into columns; `magnitudes` are those of the columns of numbers. */
  read(rows: readonly unknown[], count: number, columns: readonly Column[]): number {
    this.#meetings += 1;
    if (!this.#isWorthCode) return this.#readSlowly(rows, count, columns);
    this.#read ??= makeReader(this.keys, this.areNumbers);
    return this.#read(rows, count, columns, this.magnitudes, Object.prototype);
  }

  /** Whether an object is of this shape. */
  has(row: object): boolean {
    if (!this.#isWorthCode) return isPlainObject(row) && this.#hasKeys(row);
    this.#has ??= makeCheck(this.keys);
    return this.#has(row, Object.prototype);
  }

  /** The column has something else than numbers from now on. */
  widen(column: number): void {
    this.areNumbers[column] = false;
    this.#read = undefined;
  }

  get #isWorthCode(): boolean {
    return this.#meetings >= meetingsMin && canMakeCode();
  }

  /** As the function does that is made. */
  #readSlowly(rows: readonly unknown[], count: number, columns: readonly Column[]): number {
    const { keys, areNumbers, magnitudes } = this;
    magnitudes.fill(0);
    for (let index = 0; index < count; index += 1) {
      const row = rows[index];
      if (!isPlainObject(row) || !this.#hasKeys(row)) return otherShape;
      for (let column = 0; column < keys.length; column += 1) {
        const value = row[keys[column] as string];
        if (areNumbers[column] && typeof value !== "number") return column;
        (columns[column] as unknown[])[index] = value;
        if (areNumbers[column]) magnitudes[column] = magnitudeWith(magnitudes[column] as number, value as number);
      }
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

/** The bits that numbers need, with one more among them; or `notWhole`. */
export function magnitudeWith(magnitude: number, value: number): number {
  const whole = value | 0;
  return magnitude === notWhole || whole !== value || (whole === 0 && 1 / value < 0)
    ? notWhole
    : magnitude | (whole ^ (whole >> 31));
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

/** Whether functions may be made from text: Node can be started so that they may not. */
export function canMakeCode(): boolean {
  mayMakeCode ??= triesToMakeCode();
  return mayMakeCode;
}

/** By the text of their keys. */
const shapes = new Map<string, RowShape>();
let mayMakeCode: boolean | undefined;

function triesToMakeCode(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}

/** S1 */
function makeReader(keys: readonly string[], areNumbers: readonly boolean[]): ReadRows {
  const each = (part: (index: number) => string) => keys.map((_, index) => part(index)).join("");
  const numbers = (part: (index: number) => string) => each((index) => (areNumbers[index] ? part(index) : ""));
  return new Function(
    "rows, count, columns, magnitudes, prototype",
    `"use strict";
    ${each((index) => `const c${index} = columns[${index}];`)}
    ${numbers((index) => `let m${index} = 0, o${index} = false;`)}
    const keys = ${JSON.stringify(keys)};
    for (let i = 0; i < count; i += 1) {
      const row = rows[i];
      if (typeof row !== "object" || row === null || row.__proto__ !== prototype) return ${otherShape};
      ${checkKeys(keys, String(otherShape))}
      ${each((index) => {
        const value = `row[${JSON.stringify(keys[index])}]`;
        if (!areNumbers[index]) return `c${index}[i] = ${value};`;
        return `const v${index} = ${value};
          if (typeof v${index} !== "number") return ${index};
          c${index}[i] = v${index};
          const w${index} = v${index} | 0;
          if (w${index} !== v${index} || (w${index} === 0 && 1 / v${index} < 0)) o${index} = true;
          m${index} |= w${index} ^ (w${index} >> 31);`;
      })}
    }
    ${numbers((index) => `magnitudes[${index}] = o${index} ? ${notWhole} : m${index};`)}
    return ${readAll};`,
  ) as ReadRows;
}

function makeCheck(keys: readonly string[]): HasShape {
  return new Function(
    "row, prototype",
    `"use strict";
    const keys = ${JSON.stringify(keys)};
    if (row.__proto__ !== prototype) return false;
    ${checkKeys(keys, "false")}
    return true;`,
  ) as HasShape;
}

const fewKeys = 6;

/** Few keys are collected first and compared afterwards, with constants, which takes half the time. */
function checkKeys(keys: readonly string[], otherwise: string): string {
  const { length } = keys;
  if (length > fewKeys) {
    return `let at = 0;
      for (const key in row) {
        if (key !== keys[at]) return ${otherwise};
        at += 1;
      }
      if (at !== ${length}) return ${otherwise};`;
  }
  const names = keys.map((_, index) => `k${index}`);
  const shift = names.map((name, index) => `${name} = ${names[index + 1] ?? "key"};`).join(" ");
  const differs = keys.map((key, index) => ` || k${index} !== ${JSON.stringify(key)}`).join("");
  return `let ${["at = 0", ...names].join(", ")};
    for (const key in row) { at += 1; ${shift} }
    if (at !== ${length}${differs}) return ${otherwise};`;
}
