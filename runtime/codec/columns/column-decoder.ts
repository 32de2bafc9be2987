/**
 * ColumnReader: the columns of a message, as values again. Numbers are read where they lie, straight into the rows they belong to.
 *
 * Bytes that are no message of columns are refused: every length is compared with what is there, and every number that says which
 * value is meant with how many there are, before anything of that length is made.
 */

import { columnEventsMax } from "../../limits.ts";
import { unpackAll, unpackOne } from "../packr.ts";
import { columnForm, isLittleEndian } from "./column-form.ts";
import { makeRows } from "./row-maker.ts";

/** A column as it lies in the message: how it is read, from where, and with what. */
export interface PlacedColumn {
  readonly form: number;
  readonly at: number;
  /** The constant, the base, the words, or the values themselves. */
  readonly given: unknown;
}

/** Values made from other values, and no longer in the message. */
const made = columnForm.packed;
/** Packed lists of so many values are faster read by msgpackr, which makes functions for rows and reads texts together. */
const longListMin = 32;
const nestedMax = 16;

export class ColumnReader {
  readonly view: DataView;
  readonly #bytes: Uint8Array;
  #position = 0;
  #count = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many values each of the columns has that follow. */
  setCount(count: number): void {
    check(count <= columnEventsMax, "more events than are sent as columns");
    this.#count = count;
  }

  /** Behind everything. */
  end(): void {
    check(this.#position === this.#bytes.byteLength, "bytes behind the end");
  }

  array(): number {
    check(this.#byte() === 0xdc, "not an array");
    this.#position += 2;
    return this.view.getUint16(this.#position - 2);
  }

  count(): number {
    check(this.#byte() === 0xce, "not a count");
    this.#position += 4;
    return this.view.getUint32(this.#position - 4);
  }

  /** The next column; a number that stands for a column; undefined where there is none. */
  columnOrNumber(): PlacedColumn | number | undefined {
    const token = this.#bytes[this.#position];
    if (token === undefined || token === 0xdc) return this.column();
    this.#position += 1;
    if (token === 0xc0) return undefined;
    check(token < 0x80, "neither a column nor a number");
    return token;
  }

  column(): PlacedColumn {
    const { fields } = this.#columnOf(this.array());
    return fields;
  }

  /** A column of rows with the columns of their keys, which other columns may be the same as. */
  columnWithFields(): { readonly values: PlacedColumn; readonly fields: readonly PlacedColumn[] } {
    const { fields, rows } = this.#columnOf(this.array());
    return { values: fields, fields: rows };
  }

  /** The values of a column. */
  values({ form, at, given }: PlacedColumn): unknown[] {
    switch (form) {
      case made:
        return given as unknown[];
      case columnForm.constant:
        return typeof given === "number" ? this.#repeated(given) : new Array<unknown>(this.#count).fill(given);
      case columnForm.dictionary8:
      case columnForm.dictionary16:
        return this.#words(form === columnForm.dictionary8, at, given as readonly unknown[]);
      default:
        return this.#listOfNumbers(form, at, given as number);
    }
  }

  #repeated(given: number): number[] {
    return new Array<number>(this.#count).fill(given);
  }

  #words(isSmall: boolean, at: number, words: readonly unknown[]): unknown[] {
    const count = this.#count;
    const values = new Array<unknown>(count);
    for (let index = 0; index < count; index += 1) values[index] = words[this.#code(isSmall, at, index)];
    return values;
  }

  /** An array that never held anything but numbers: what else is made where it is made would have the engine keep each number as an object. */
  #listOfNumbers(form: number, at: number, base: number): number[] {
    const count = this.#count;
    const values = new Array<number>(count);
    const { view } = this;
    switch (form) {
      case columnForm.int8:
        for (let index = 0; index < count; index += 1) values[index] = view.getInt8(at + index);
        return values;
      case columnForm.int16:
        for (let index = 0; index < count; index += 1) values[index] = view.getInt16(at + 2 * index, isLittleEndian);
        return values;
      case columnForm.int32:
        for (let index = 0; index < count; index += 1) values[index] = view.getInt32(at + 4 * index, isLittleEndian);
        return values;
      case columnForm.float64:
        for (let index = 0; index < count; index += 1) values[index] = view.getFloat64(at + 8 * index, isLittleEndian);
        return values;
      case columnForm.above8:
        for (let index = 0; index < count; index += 1) values[index] = base + view.getUint8(at + index);
        return values;
      case columnForm.above16:
        for (let index = 0; index < count; index += 1)
          values[index] = base + view.getUint16(at + 2 * index, isLittleEndian);
        return values;
      default:
        for (let index = 0; index < count; index += 1)
          values[index] = base + view.getUint32(at + 4 * index, isLittleEndian);
        return values;
    }
  }

  #code(isSmall: boolean, at: number, index: number): number {
    return isSmall ? this.view.getUint8(at + index) : this.view.getUint16(at + 2 * index, isLittleEndian);
  }

  #columnOf(length: number): { readonly fields: PlacedColumn; readonly rows: readonly PlacedColumn[] } {
    const form = this.#byte();
    const rows: PlacedColumn[] = [];
    this.#depth += 1;
    check(this.#depth <= nestedMax, "columns within columns without an end");
    const fields = this.#place(form, length, rows);
    this.#depth -= 1;
    return { fields, rows };
  }

  #place(form: number, length: number, rows: PlacedColumn[]): PlacedColumn {
    switch (form) {
      case columnForm.constant:
        checkLength(length, 2);
        return { form, at: 0, given: this.#packed(1) };
      case columnForm.int8:
      case columnForm.int16:
      case columnForm.int32:
      case columnForm.float64:
        checkLength(length, 2);
        return { form, at: this.#numbers(valueBytes[form]), given: undefined };
      case columnForm.above8:
      case columnForm.above16:
      case columnForm.above32: {
        checkLength(length, 3);
        const base = this.#double();
        return { form, at: this.#numbers(valueBytes[form]), given: base };
      }
      case columnForm.dictionary8:
      case columnForm.dictionary16:
        checkLength(length, 3);
        return this.#dictionary(form);
      case columnForm.packed: {
        checkLength(length, 2);
        const list = this.#packed(this.#count);
        check(Array.isArray(list) && list.length === this.#count, "another number of values");
        return { form: made, at: 0, given: list };
      }
      case columnForm.rows:
        return { form: made, at: 0, given: this.#rows(length - 2, rows) };
      case columnForm.dates: {
        checkLength(length, 2);
        const times = this.values(this.column());
        return { form: made, at: 0, given: times.map((time) => new Date(time as number)) };
      }
      case columnForm.mixed:
        return { form: made, at: 0, given: this.#mixed(length - 2) };
      default:
        throw new Error(`a column of form ${form}`);
    }
  }

  #dictionary(form: number): PlacedColumn {
    const words = this.#packed(0);
    const isSmall = form === columnForm.dictionary8;
    const at = this.#numbers(isSmall ? 1 : 2);
    check(Array.isArray(words), "no words");
    check(this.#areBelow(words.length, isSmall, at), "a word that there is not");
    return { form, at, given: words };
  }

  /** Whether each code is below so many: four bytes are looked at together, where that is enough to be sure. */
  #areBelow(wordCount: number, isSmall: boolean, at: number): boolean {
    const { view } = this;
    const end = at + (isSmall ? 1 : 2) * this.#count;
    let place = at;
    let bits = 0;
    for (; place + 4 <= end; place += 4) bits |= view.getUint32(place, isLittleEndian);
    if (isSmall) {
      for (; place < end; place += 1) bits |= view.getUint8(place);
      bits |= bits >>> 16;
      bits = (bits | (bits >>> 8)) & 0xff;
    } else {
      for (; place < end; place += 2) bits |= view.getUint16(place, isLittleEndian);
      bits = (bits | (bits >>> 16)) & 0xffff;
    }
    if (bits < wordCount) return true;
    let largest = 0;
    for (let index = 0; index < this.#count; index += 1) {
      const code = this.#code(isSmall, at, index);
      if (code > largest) largest = code;
    }
    return largest < wordCount;
  }

  #rows(keyCount: number, columns: PlacedColumn[]): unknown[] {
    const text = this.#packed(1);
    check(typeof text === "string", "no keys");
    for (let index = 0; index < keyCount; index += 1) columns.push(this.column());
    return makeRows(text, columns, this.#count, this);
  }

  #mixed(groupCount: number): unknown[] {
    const count = this.#count;
    const at = this.#numbers(1);
    const sizes = new Array<number>(groupCount).fill(0);
    for (let index = 0; index < count; index += 1) {
      const group = this.view.getUint8(at + index);
      check(group < groupCount, "a group that there is not");
      sizes[group] = (sizes[group] as number) + 1;
    }
    const groups = sizes.map((size) => this.#group(size));
    this.#count = count;
    const taken = new Array<number>(groupCount).fill(0);
    const values = new Array<unknown>(count);
    for (let index = 0; index < count; index += 1) {
      const group = this.view.getUint8(at + index);
      const next = taken[group] as number;
      values[index] = groups[group]?.[next];
      taken[group] = next + 1;
    }
    return values;
  }

  #group(size: number): unknown[] {
    this.#count = size;
    const column = this.columnOrNumber();
    check(typeof column === "object" ? size > 0 : column === undefined && size === 0, "a group of another size");
    return typeof column === "object" ? this.values(column) : [];
  }

  /** A value that is a message of its own. */
  #packed(valueCount: number): unknown {
    const start = this.#binary();
    const part = this.#bytes.subarray(start, this.#position);
    if (valueCount >= longListMin) return unpackOne(part);
    const values = unpackAll(part);
    check(values.length === 1, "not one value");
    return values[0];
  }

  /** A binary part with so many bytes for each value; where it begins. */
  #numbers(bytesEach: number | undefined): number {
    const start = this.#binary();
    check(this.#position - start === this.#count * (bytesEach as number), "another number of values");
    return start;
  }

  #binary(): number {
    check(this.#byte() === 0xc6, "not a binary part");
    const byteLength = this.view.getUint32(this.#position);
    const start = this.#position + 4;
    check(start + byteLength <= this.#bytes.byteLength, "a part that is longer than the message");
    this.#position = start + byteLength;
    return start;
  }

  #double(): number {
    check(this.#byte() === 0xcb, "not a number");
    this.#position += 8;
    return this.view.getFloat64(this.#position - 8);
  }

  #byte(): number {
    const byte = this.#bytes[this.#position];
    check(byte !== undefined, "cut short");
    this.#position += 1;
    return byte;
  }
}

/** By form. */
const valueBytes: readonly (number | undefined)[] = [undefined, 1, 2, 4, 8, 1, 2, 4];

function checkLength(length: number, expected: number): void {
  check(length === expected, "a column of another length");
}

function check(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(otherwise);
}
