/**
 * writeValues: a list of values as the smallest column that holds them exactly: by what the values are, not by what they were in
 * other batches.
 *
 * Invariants
 *  E1  a column says what its values are to the bit: -0, NaN, and the order of keys included.
 *
 * Deliberately elsewhere: what a packed value may be, and how it is refused (plain-packer.ts, plain-data.ts).
 */

import {
  type Column,
  type ColumnKind,
  DoubleColumn,
  fewWords,
  IntColumn,
  isSame,
  readNumbers,
  releaseColumn,
  takeColumn,
  takeDoubles,
  takeInts,
  WordColumn,
} from "./column.ts";
import { columnForm, mixedKindsMax } from "./column-form.ts";
import type { PartWriter } from "./part-writer.ts";
import { readAll } from "./row-reader.ts";
import { isPlainObject, type RowShape, shapeOf } from "./row-shape.ts";

/** Objects deeper within objects than this are packed. */
const rowDepthMax = 4;

/**
 * Writes values, and then lists that may be the same as a field of theirs, which then is only named.
 *
 * @param beside lists of as many values; undefined for one that there is not
 * @throws ERR_RT_NOT_PLAIN_DATA, ERR_RT_FRAME_TOO_LARGE
 */
export function writeValues(
  writer: PartWriter,
  values: readonly unknown[],
  beside: readonly (readonly unknown[] | undefined)[],
): void {
  const first = values[0];
  const shape = isPlainObject(first) ? shapeOf(first) : undefined;
  const columns = shape === undefined ? undefined : gather(shape, values, values.length);
  if (shape === undefined || columns === undefined) writeList(writer, values, values.length, 0);
  else writeRows(writer, shape, columns, values.length, 0);
  for (const list of beside) writeBeside(writer, list, columns ?? [], values.length);
  if (columns !== undefined) release(columns, values.length);
}

/**
 * The same for rows that are in columns already, which stay the caller's.
 *
 * @param beside a number for a list that is known to be the same as that column
 */
export function writeColumns(
  writer: PartWriter,
  shape: RowShape,
  columns: readonly Column[],
  count: number,
  beside: readonly (readonly unknown[] | number | undefined)[],
): void {
  writeRows(writer, shape, columns, count, 0);
  for (const list of beside) {
    if (typeof list === "number") writer.small(list);
    else writeBeside(writer, list, columns, count);
  }
}

function writeBeside(
  writer: PartWriter,
  list: readonly unknown[] | undefined,
  columns: readonly Column[],
  count: number,
): void {
  const same = list === undefined ? -1 : columns.findIndex((column) => isSame(column, list));
  if (list === undefined) writer.nil();
  else if (same >= 0) writer.small(same);
  else writeList(writer, list, count, 0);
}

function writeList(writer: PartWriter, list: readonly unknown[], count: number, depth: number): void {
  const kind = kindOf(list[0]);
  if (kind === "object" && depth > rowDepthMax) writePacked(writer, list, count);
  else if (kind === "object") writeObjects(writer, list, count, depth);
  else if (
    !(kind === "number" && writeIfNumbers(writer, list, count)) &&
    !(kind === "word" && writeDictionary(writer, list, count)) &&
    !(kind === "date" && writeIfDates(writer, list, count)) &&
    !(kind !== "other" && !areTexts(list, count) && writeMixed(writer, list, count, depth))
  ) {
    writePacked(writer, list, count);
  }
}

function writePacked(writer: PartWriter, list: readonly unknown[], count: number): void {
  writer.array(2);
  writer.small(columnForm.packed);
  writer.packed(list.length === count ? list : list.slice(0, count));
}

type Kind = "number" | "word" | "date" | "object" | "other";

/** A word is what there are few different ones of. */
function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case "number":
      return "number";
    case "string":
    case "boolean":
    case "undefined":
      return "word";
    case "object":
      if (value === null) return "word";
      if (isPlainObject(value)) return "object";
      return Object.getPrototypeOf(value) === Date.prototype ? "date" : "other";
    default:
      return "other";
  }
}

// ---- numbers

function writeIfNumbers(writer: PartWriter, list: readonly unknown[], count: number): boolean {
  const numbers = takeDoubles(count);
  const areNumbers = readNumbers(list, count, numbers);
  if (areNumbers) writeNumbers(writer, numbers, count);
  releaseColumn(numbers, count);
  return areNumbers;
}

function writeIfDates(writer: PartWriter, list: readonly unknown[], count: number): boolean {
  const times = new Array<number>(count);
  for (let index = 0; index < count; index += 1) {
    const value = list[index];
    if (!(value instanceof Date) || Object.getPrototypeOf(value) !== Date.prototype) return false;
    times[index] = value.getTime();
  }
  const numbers = takeDoubles(count);
  readNumbers(times, count, numbers);
  writer.array(2);
  writer.small(columnForm.dates);
  writeLarge(writer, numbers, count);
  releaseColumn(numbers, count);
  return true;
}

function writeInts(writer: PartWriter, { values, magnitude }: IntColumn, count: number): void {
  const first = values[0] as number;
  if (values[count - 1] === first && areAll(values, count, first)) return writeConstant(writer, first);
  writer.array(2);
  if (magnitude < 0x80) {
    writer.small(columnForm.int8);
    writer.int8(values, count);
  } else if (magnitude < 0x8000) {
    writer.small(columnForm.int16);
    writer.int16(values, count);
  } else {
    writer.small(columnForm.int32);
    writer.int32(values, count);
  }
}

function writeNumbers(writer: PartWriter, numbers: DoubleColumn, count: number): void {
  const { low, high, areWhole } = numbers;
  if (!areWhole || low < int32Min || high > int32Max) return writeLarge(writer, numbers, count);
  const ints = takeInts(count);
  for (let index = 0; index < count; index += 1) ints.values[index] = numbers.values[index] as number;
  ints.magnitude = Math.max(high, -1 - low);
  writeInts(writer, ints, count);
  releaseColumn(ints, count);
}

const int32Min = -(2 ** 31);
const int32Max = 2 ** 31 - 1;

/** Above their smallest, if they are whole numbers that are close enough to it. */
function writeLarge(writer: PartWriter, { values, low, high, areWhole }: DoubleColumn, count: number): void {
  const range = high - low;
  const isExact = areWhole && low >= Number.MIN_SAFE_INTEGER && high <= Number.MAX_SAFE_INTEGER;
  if (!isExact || range >= 2 ** 32) {
    writer.array(2);
    writer.small(columnForm.float64);
    return writer.float64(values, count);
  }
  const byteCount = range < 0x100 ? 1 : range < 0x10000 ? 2 : 4;
  writer.array(3);
  writer.small(byteCount === 1 ? columnForm.above8 : byteCount === 2 ? columnForm.above16 : columnForm.above32);
  writer.double(low);
  writer.above(byteCount, low, values, count);
}

function areAll(numbers: Int32Array, count: number, value: number): boolean {
  for (let index = 0; index < count; index += 1) if (numbers[index] !== value) return false;
  return true;
}

function writeConstant(writer: PartWriter, value: unknown): void {
  writer.array(2);
  writer.small(columnForm.constant);
  writer.packed(value);
}

// ---- words

/** When so many were looked at, most of them may not be new ones any more. */
const newWordsLookedAt = 64;
const newWordsMax = 48;
const dictionaryWordsMax = 0x10000;
const codeByWord = new Map<unknown, number>();
let codes = new Uint16Array(1_024);

/** False if there are too many different ones, or something else among them. */
function writeDictionary(writer: PartWriter, list: readonly unknown[], count: number): boolean {
  if (codes.length < count) codes = new Uint16Array(count);
  const words = findWords(list, count, codes);
  if (words === undefined) return false;
  if (words.length === 1) {
    writeConstant(writer, words[0]);
    return true;
  }
  const isSmall = words.length <= 0x100;
  writer.array(3);
  writer.small(isSmall ? columnForm.dictionary8 : columnForm.dictionary16);
  writer.packed(words);
  if (isSmall) writer.codes8(codes, count);
  else writer.codes16(codes, count);
  return true;
}

/** What a column has that holds few words. */
function writeWords(writer: PartWriter, { words, codes }: WordColumn, count: number): void {
  if (words.length === 1) return writeConstant(writer, words[0]);
  writer.array(3);
  writer.small(columnForm.dictionary8);
  writer.packed(words);
  writer.bytes(codes.subarray(0, count));
}

function findWords(list: readonly unknown[], count: number, found: Uint16Array): unknown[] | undefined {
  if (kindOf(list[0]) !== "word") return undefined;
  const words = [list[0]];
  let few = 1;
  try {
    for (let index = 0; index < count; index += 1) {
      const word = list[index];
      let code: number | undefined = 0;
      while (code < few && words[code] !== word) code += 1;
      if (code === few) code = few < fewWords ? undefined : codeByWord.get(word);
      if (code === undefined) {
        code = words.length;
        const isUseful = index < newWordsLookedAt || code * newWordsLookedAt < index * newWordsMax;
        if (kindOf(word) !== "word" || !isUseful || code >= dictionaryWordsMax) return undefined;
        words.push(word);
        if (few < fewWords) few += 1;
        else codeByWord.set(word, code);
      }
      found[index] = code;
    }
    return words;
  } finally {
    if (words.length > fewWords) codeByWord.clear();
  }
}

/** They are of one kind, and packed whole where most are different. */
function areTexts(list: readonly unknown[], count: number): boolean {
  for (let index = 0; index < count; index += 1) if (typeof list[index] !== "string") return false;
  return true;
}

// ---- objects

function writeObjects(writer: PartWriter, list: readonly unknown[], count: number, depth: number): void {
  const shape = shapeOf(list[0] as Readonly<Record<string, unknown>>);
  const columns = shape === undefined ? undefined : gather(shape, list, count);
  if (shape === undefined) return writePacked(writer, list, count);
  if (columns === undefined) {
    if (!writeMixed(writer, list, count, depth)) writePacked(writer, list, count);
    return;
  }
  writeRows(writer, shape, columns, count, depth);
  release(columns, count);
}

/** The values of the rows by key; undefined if not all are of the shape. */
function gather(shape: RowShape, rows: readonly unknown[], count: number): Column[] | undefined {
  const columns = shape.kinds.map((kind) => takeColumn(kind, count));
  let stopped = shape.read(rows, count, columns);
  while (stopped >= 0) {
    shape.widen(stopped);
    releaseColumn(columns[stopped] as Column, 0);
    columns[stopped] = takeColumn(shape.kinds[stopped] as ColumnKind, count);
    stopped = shape.read(rows, count, columns);
  }
  if (stopped === readAll) return columns;
  release(columns, count);
  return undefined;
}

function writeRows(
  writer: PartWriter,
  shape: RowShape,
  columns: readonly Column[],
  count: number,
  depth: number,
): void {
  writer.array(2 + columns.length);
  writer.small(columnForm.rows);
  writer.bytes(shape.packedText);
  for (const column of columns) {
    if (column instanceof IntColumn) writeInts(writer, column, count);
    else if (column instanceof DoubleColumn) writeNumbers(writer, column, count);
    else if (column instanceof WordColumn) writeWords(writer, column, count);
    else writeList(writer, column, count, depth + 1);
  }
}

function release(columns: readonly Column[], count: number): void {
  for (const column of columns) releaseColumn(column, count);
}

// ---- several kinds

/** Fewer values take longer to be told apart than to be packed. */
const mixedCountMin = 128;
/** When more are of no kind, and most of those that were looked at, it is given up. */
const restMax = 64;

interface Group {
  readonly kind: Kind;
  readonly shape: RowShape | undefined;
  readonly list: unknown[];
}

/** False if they are not of several kinds, or of too many, or few. */
function writeMixed(writer: PartWriter, list: readonly unknown[], count: number, depth: number): boolean {
  if (count < mixedCountMin) return false;
  const order = takeDoubles(count);
  const groups = grouped(list, count, order.values);
  if (groups !== undefined) {
    writer.array(2 + groups.length);
    writer.small(columnForm.mixed);
    writer.above(1, 0, order.values, count);
    for (const group of groups) {
      if (group.list.length === 0) writer.nil();
      else writeList(writer, group.list, group.list.length, depth + 1);
    }
  }
  releaseColumn(order, count);
  return groups !== undefined;
}

/** @param order gets of which group each value is */
function grouped(list: readonly unknown[], count: number, order: Float64Array): Group[] | undefined {
  const rest: Group = { kind: "other", shape: undefined, list: [] };
  const groups = [rest];
  for (let index = 0; index < count; index += 1) {
    const value = list[index];
    const at = groupOf(groups, value);
    order[index] = at;
    (groups[at] as Group).list.push(value);
    if (at === 0 && rest.list.length > restMax && rest.list.length * 2 > index) return undefined;
  }
  return groups.filter((group) => group.list.length > 0).length > 1 ? groups : undefined;
}

/** Among the groups, of which the first takes what no other does. */
function groupOf(groups: Group[], value: unknown): number {
  const kind = kindOf(value);
  if (kind === "other") return 0;
  for (let index = 1; index < groups.length; index += 1) {
    const group = groups[index] as Group;
    if (group.kind === kind && (group.shape === undefined || group.shape.has(value as object))) return index;
  }
  if (groups.length === mixedKindsMax) return 0;
  const shape = kind === "object" ? shapeOf(value as Readonly<Record<string, unknown>>) : undefined;
  if (kind === "object" && shape === undefined) return 0;
  groups.push({ kind, shape, list: [] });
  return groups.length - 1;
}
