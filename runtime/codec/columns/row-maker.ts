/**
 * makeRows: columns as rows again, by a function made for the keys and the forms of their columns: one object literal, whose fields
 * are read where they lie. It takes a tenth of the time of setting fields one by one, and all rows share one layout.
 *
 * Where code may not be made from text, or there are too many forms of one shape, fields are set one by one.
 */

import { canMakeCode } from "../../can-make-code.ts";
import type { ColumnReader, PlacedColumn } from "./column-decoder.ts";
import { columnForm, isLittleEndian } from "./column-form.ts";
import { keysOf } from "./row-shape.ts";

type Maker = (view: DataView, count: number, places: readonly number[], given: readonly unknown[]) => unknown[];

/** When there are more shapes, or forms of one, they are forgotten and made again. */
const shapesMax = 1_024;
const formsMax = 64;

interface KnownShape {
  readonly keys: readonly string[];
  readonly makers: Map<string, Maker>;
}

/** The rows whose keys `text` stands for. Throws for a text that is none, and for another number of columns. */
export function makeRows(
  text: string,
  columns: readonly PlacedColumn[],
  count: number,
  reader: ColumnReader,
): unknown[] {
  const shape = shapes.get(text) ?? learn(text);
  const { keys } = shape;
  if (columns.length !== keys.length) throw new Error("another number of columns than keys");
  if (!canMakeCode()) return makeSlowly(keys, columns, count, reader);
  let forms = "";
  for (const { form } of columns) forms += String.fromCharCode(form);
  let maker = shape.makers.get(forms);
  if (maker === undefined) {
    if (shape.makers.size >= formsMax) return makeSlowly(keys, columns, count, reader);
    maker = createMaker(keys, columns);
    shape.makers.set(forms, maker);
  }
  const places = new Array<number>(columns.length);
  const given = new Array<unknown>(columns.length);
  for (let index = 0; index < columns.length; index += 1) {
    const column = columns[index] as PlacedColumn;
    places[index] = column.at;
    given[index] = column.given;
  }
  return maker(reader.view, count, places, given);
}

const shapes = new Map<string, KnownShape>();

function learn(text: string): KnownShape {
  const keys = keysOf(text);
  if (keys === undefined) throw new Error("no keys");
  if (shapes.size >= shapesMax) shapes.clear();
  const shape: KnownShape = { keys, makers: new Map() };
  shapes.set(text, shape);
  return shape;
}

function makeSlowly(
  keys: readonly string[],
  columns: readonly PlacedColumn[],
  count: number,
  reader: ColumnReader,
): unknown[] {
  const fields = columns.map((column) => reader.values(column));
  return Array.from({ length: count }, (_, row) => {
    const made: Record<string, unknown> = {};
    for (let index = 0; index < keys.length; index += 1) made[keys[index] as string] = fields[index]?.[row];
    return made;
  });
}

function createMaker(keys: readonly string[], columns: readonly PlacedColumn[]): Maker {
  const starts = keys.map((_, index) => `const a${index} = places[${index}], g${index} = given[${index}];`).join("");
  const fields = keys.map((key, index) => {
    return `${JSON.stringify(key)}: ${fieldOf((columns[index] as PlacedColumn).form, `a${index}`, `g${index}`)}`;
  });
  return new Function(
    "view, count, places, given",
    `"use strict";
    ${starts}
    const rows = new Array(count);
    for (let i = 0; i < count; i += 1) rows[i] = { ${fields.join(", ")} };
    return rows;`,
  ) as Maker;
}

/** What a field is read by, in row `i`. */
function fieldOf(form: number, at: string, given: string): string {
  switch (form) {
    case columnForm.constant:
      return given;
    case columnForm.int8:
      return `view.getInt8(${at} + i)`;
    case columnForm.int16:
      return `view.getInt16(${at} + 2 * i, ${isLittleEndian})`;
    case columnForm.int32:
      return `view.getInt32(${at} + 4 * i, ${isLittleEndian})`;
    case columnForm.float64:
      return `view.getFloat64(${at} + 8 * i, ${isLittleEndian})`;
    case columnForm.above8:
      return `${given} + view.getUint8(${at} + i)`;
    case columnForm.above16:
      return `${given} + view.getUint16(${at} + 2 * i, ${isLittleEndian})`;
    case columnForm.above32:
      return `${given} + view.getUint32(${at} + 4 * i, ${isLittleEndian})`;
    case columnForm.dictionary8:
      return `${given}[view.getUint8(${at} + i)]`;
    case columnForm.dictionary16:
      return `${given}[view.getUint16(${at} + 2 * i, ${isLittleEndian})]`;
    default:
      return `${given}[i]`;
  }
}
