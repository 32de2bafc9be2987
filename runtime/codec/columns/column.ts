/**
 * Column: the values of one field while they are written, in arrays that are used again, with what decides in which form they go. A field
 * that has only ever had whole numbers of 32 bits, numbers, or few words is read into what can be written as it is.
 *
 * Invariants
 *  C1  what a column of numbers or words holds is what was read, to the bit: -0 is no whole number, and a word is `===` to what it stands for.
 */

export type ColumnKind = "int" | "double" | "word" | "any";

/** Whole numbers of 32 bits. */
export class IntColumn {
  readonly values: Int32Array;
  /** The bits that they need. */
  magnitude = 0;

  constructor(length: number) {
    this.values = new Int32Array(length);
  }
}

export class DoubleColumn {
  readonly values: Float64Array;
  low = 0;
  high = 0;
  /** Whether all are whole numbers. */
  areWhole = false;

  constructor(length: number) {
    this.values = new Float64Array(length);
  }
}

/** Few different texts, truths, nulls and undefined. */
export class WordColumn {
  readonly codes: Uint8Array;
  /** In the order in which they came. */
  words: unknown[] = [];

  constructor(length: number) {
    this.codes = new Uint8Array(length);
  }
}

export type Column = IntColumn | DoubleColumn | WordColumn | unknown[];

/** In a `WordColumn`: so few are compared one by one, which is faster than looking one up. */
export const fewWords = 6;

/** A word is what there are few different ones of. */
export function isWord(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || value === undefined || value === null;
}

/** Not so for -0. */
function isInt(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

/** What a column is read into of which one value is known. */
export function kindFor(value: unknown): ColumnKind {
  if (typeof value === "number") return isInt(value) ? "int" : "double";
  return isWord(value) ? "word" : "any";
}

/** What it is read into once something was met that has no place in it. */
export function widerThan(kind: ColumnKind): ColumnKind {
  return kind === "int" ? "double" : "any";
}

/** Reads the values of a list; false if one of them is no number. */
export function readNumbers(list: readonly unknown[], count: number, column: DoubleColumn): boolean {
  const { values } = column;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let areWhole = true;
  for (let index = 0; index < count; index += 1) {
    const value = list[index];
    if (typeof value !== "number") return false;
    values[index] = value;
    if (value < low) low = value;
    if (value > high) high = value;
    if (Math.floor(value) !== value || (value === 0 && 1 / value < 0)) areWhole = false;
  }
  column.low = low;
  column.high = high;
  column.areWhole = areWhole;
  return true;
}

/** Reads the values of a list; false if one of them is no whole number of 32 bits. */
export function readInts(list: readonly unknown[], count: number, column: IntColumn): boolean {
  const { values } = column;
  let magnitude = 0;
  for (let index = 0; index < count; index += 1) {
    const value = list[index];
    if (typeof value !== "number") return false;
    const whole = value | 0;
    if (whole !== value || (whole === 0 && 1 / value < 0)) return false;
    values[index] = whole;
    magnitude |= whole ^ (whole >> 31);
  }
  column.magnitude = magnitude;
  return true;
}

/** Says of the first values what a column says of what it has read. */
export function measureInts(column: IntColumn, count: number): void {
  const { values } = column;
  let magnitude = 0;
  for (let index = 0; index < count; index += 1) {
    const value = values[index] as number;
    magnitude |= value ^ (value >> 31);
  }
  column.magnitude = magnitude;
}

/** Where a number is no whole one, the smallest and the largest are not looked for: they say nothing of its form. */
export function measureDoubles(column: DoubleColumn, count: number): void {
  const { values } = column;
  if (measureCloseTo(values[0] as number, column, count)) return;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  column.areWhole = false;
  for (let index = 0; index < count; index += 1) {
    const value = values[index] as number;
    if (Math.floor(value) !== value || (value === 0 && 1 / value < 0)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  column.low = low;
  column.high = high;
  column.areWhole = true;
}

/**
 * The same for whole numbers that are large and close to one of them, such as times, by how far they are from it, in a third of the time: as
 * `base` has more than 32 bits, what is less than 32 bits away from it is half to twice as large, and their difference exact. False for others.
 */
function measureCloseTo(base: number, column: DoubleColumn, count: number): boolean {
  if (!Number.isSafeInteger(base) || Math.abs(base) <= 2 ** 32) return false;
  const { values } = column;
  let least = 0;
  let most = 0;
  for (let index = 0; index < count; index += 1) {
    const distance = (values[index] as number) - base;
    const whole = distance | 0;
    if (whole !== distance) return false;
    if (whole < least) least = whole;
    if (whole > most) most = whole;
  }
  column.low = base + least;
  column.high = base + most;
  column.areWhole = true;
  return true;
}

/** Reads the values of a list; false if one of them is no word, or if there are many different ones. */
export function readWords(list: readonly unknown[], count: number, column: WordColumn): boolean {
  const { codes } = column;
  const words: unknown[] = [];
  for (let index = 0; index < count; index += 1) {
    const word = list[index];
    let code = 0;
    while (code < words.length && words[code] !== word) code += 1;
    if (code === words.length) {
      if (code === fewWords || !isWord(word)) return false;
      words.push(word);
    }
    codes[index] = code;
  }
  column.words = words;
  return true;
}

/** Whether the values of a list are those of the column. */
export function isSame(column: Column, list: readonly unknown[]): boolean {
  if (column instanceof IntColumn) return isSameInts(column.values, list);
  if (column instanceof DoubleColumn) return isSameNumbers(column.values, list);
  if (column instanceof WordColumn) return isSameWords(column, list);
  for (let index = 0; index < list.length; index += 1) if (!Object.is(column[index], list[index])) return false;
  return true;
}

function isSameInts(values: Int32Array, list: readonly unknown[]): boolean {
  for (let index = 0; index < list.length; index += 1) {
    const value = list[index];
    if (typeof value !== "number" || values[index] !== value || (value === 0 && 1 / value < 0)) return false;
  }
  return true;
}

function isSameNumbers(values: Float64Array, list: readonly unknown[]): boolean {
  for (let index = 0; index < list.length; index += 1) if (!Object.is(values[index], list[index])) return false;
  return true;
}

function isSameWords({ codes, words }: WordColumn, list: readonly unknown[]): boolean {
  for (let index = 0; index < list.length; index += 1) if (words[codes[index] as number] !== list[index]) return false;
  return true;
}

// ---- columns are used again

const pooledValuesMin = 1_024;
const pooledValuesMax = 8_192;
const pooledColumnsMax = 128;
const intPool: IntColumn[] = [];
const doublePool: DoubleColumn[] = [];
const wordPool: WordColumn[] = [];
const listPool: unknown[][] = [];

/** Longer than asked for, maybe. */
export function takeColumn(kind: ColumnKind, count: number): Column {
  if (kind === "int") return takeInts(count);
  if (kind === "double") return takeDoubles(count);
  if (kind === "word") return takeWords(count);
  const list = listPool.pop();
  return list !== undefined && list.length >= count ? list : new Array<unknown>(Math.max(count, pooledValuesMin));
}

export function takeInts(count: number): IntColumn {
  const ints = intPool.pop();
  return ints !== undefined && ints.values.length >= count ? ints : new IntColumn(Math.max(count, pooledValuesMin));
}

export function takeDoubles(count: number): DoubleColumn {
  const doubles = doublePool.pop();
  return doubles !== undefined && doubles.values.length >= count
    ? doubles
    : new DoubleColumn(Math.max(count, pooledValuesMin));
}

function takeWords(count: number): WordColumn {
  const words = wordPool.pop();
  return words !== undefined && words.codes.length >= count ? words : new WordColumn(Math.max(count, pooledValuesMin));
}

/** @param count how much of it was used */
export function releaseColumn(column: Column, count: number): void {
  if (column instanceof IntColumn) keep(intPool, column, column.values.length);
  else if (column instanceof DoubleColumn) keep(doublePool, column, column.values.length);
  else if (column instanceof WordColumn) {
    // What was read is not held.
    column.words = [];
    keep(wordPool, column, column.codes.length);
  } else {
    if (column.length <= pooledValuesMax) column.fill(undefined, 0, count);
    keep(listPool, column, column.length);
  }
}

function keep<T>(pool: T[], column: T, length: number): void {
  if (length <= pooledValuesMax && pool.length < pooledColumnsMax) pool.push(column);
}
