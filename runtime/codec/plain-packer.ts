/**
 * packPlain: the msgpack bytes of plain data, in the form that msgpackr gives them: an object is a record whose shape is written
 * once a message, in front of the first that has it.
 *
 * Most of what hosts say to each other are small objects of few shapes, one of each in a message. msgpackr finds the shape of an
 * object in a tree with a node for each key, and goes through its keys three times. Here shapes are compared with the few that the
 * message has: that takes a tenth of the time.
 *
 * Invariants
 *  P1  a record has the shape that its message defined last under its number.
 *  P2  a failed message leaves nothing behind: each begins without shapes.
 *
 * Values that are encoded already, each as a message of its own, are copied into a message piece by piece (shared-shapes.ts).
 *
 * Deliberately elsewhere: whatever is neither a plain object, an array, a Map, a Set, a Date, a Uint8Array nor a primitive; `packOther`
 * gives its bytes, or throws.
 */

import { SharedShapes } from "./shared-shapes.ts";

/** The bytes of a whole message that holds one value. */
export type PackOther = (value: unknown) => Uint8Array;

/**
 * The bytes of `value`: a view of a pool, good until the next call. Not to be called while a call is going on.
 *
 * @throws what `packOther` throws, and what getters do; RangeError for what is nested too deep
 */
export function packPlain(value: unknown, packOther: PackOther): Uint8Array {
  position = 0;
  other = packOther;
  try {
    write(value);
    return target.subarray(0, position);
  } finally {
    forgetShapes();
    if (target.byteLength > poolBytesMax) target = Buffer.allocUnsafeSlow(poolBytesMin);
  }
}

/** Values one behind the other, encoded, which are an array where they are part of a message. */
export class EncodedValues {
  readonly count: number;
  readonly bytes: Uint8Array;

  constructor(count: number, bytes: Uint8Array) {
    this.count = count;
    this.bytes = bytes;
  }
}

/** Writes values one behind the other. */
export interface PlainPieces {
  any(value: unknown): void;
  number(value: number): void;
  /** In front of so many values that are an array together. */
  array(length: number): void;
  /** A text of which these are the characters; false when they are too many, or not all ASCII: nothing is written then. */
  ascii(bytes: Uint8Array, from: number, to: number): boolean;
  /** A value that is a message of its own there. */
  encoded(bytes: Uint8Array, from: number, to: number): void;
}

/** As `packPlain`, of what `writePieces` writes. */
export function packPieces(writePieces: (pieces: PlainPieces) => void, packOther: PackOther): Uint8Array {
  position = 0;
  other = packOther;
  try {
    writePieces(pieces);
    return target.subarray(0, position);
  } finally {
    forgetShapes();
    sharedShapes.forget();
    if (target.byteLength > poolBytesMax) target = Buffer.allocUnsafeSlow(poolBytesMin);
  }
}

/** What is kept for the next message; a larger one is made anew. */
const poolBytesMin = 64 * 1024;
const poolBytesMax = 16 * 1024 * 1024;
/** Records have the tokens 0x40 to 0x7f; a message that has more shapes uses their numbers again. */
const shapesMax = 64;
/** The type of the msgpack extension that a text has which is not well-formed. */
export const unitsExtension = 0x55;
/** The types of the extensions that a date and a set have, as with msgpackr. */
const dateExtension = 0xff;
const setExtension = 0x73;
/** Nanoseconds of a millisecond, above the two bits that larger numbers of seconds need. */
const nanosecondUnits = 4_000_000;
/** Strings up to so many characters have the smallest head that there is, if they are ASCII. */
const shortCharsMax = 64;
/** Characters of strings up to so many are written one by one, which is faster than a call: that takes 30 to 40 ns. */
const loopedCharsMax = 16;
/** Bytes that a character of a string takes, at most. */
const charBytesMax = 3;

let target = Buffer.allocUnsafeSlow(poolBytesMin);
let position = 0;
let other: PackOther;
/** The keys of each shape that the message in hand has, by number. */
const shapes: (readonly string[])[] = [];
let nextShape = 0;
/** Of the encoded values that the message in hand has. */
const sharedShapes = new SharedShapes();

const pieces: PlainPieces = {
  any(value) {
    if (typeof value === "object" && value !== null) sharedShapes.forget();
    write(value);
  },
  number(value) {
    if (position + 16 > target.byteLength) makeRoom(16);
    writeNumber(value);
  },
  array: (length) => writeLength(length, 0x90, 0xdc),
  ascii: writeAscii,
  encoded(bytes, from, to) {
    if (shapes.length > 0) forgetShapes();
    sharedShapes.copy(bytes, from, to, writeRaw);
  },
};

function write(value: unknown): void {
  // The longest token with its number or length.
  if (position + 16 > target.byteLength) makeRoom(16);
  switch (typeof value) {
    case "string":
      return writeText(value);
    case "number":
      return writeNumber(value);
    case "boolean":
      target[position++] = value ? 0xc3 : 0xc2;
      return;
    case "undefined":
      target[position++] = 0xd4;
      target[position++] = 0;
      target[position++] = 0;
      return;
    case "object":
      if (value === null) target[position++] = 0xc0;
      else writeObject(value);
      return;
    default:
      writeOther(value);
  }
}

function writeObject(value: object & { readonly __proto__?: unknown }): void {
  // biome-ignore lint/suspicious/noProto: one read that the engine inlines, and which finds own keys of that name
  const prototype = value.__proto__;
  if (prototype === Object.prototype && !("__keys__" in value)) writeRecord(value as Readonly<Record<string, unknown>>);
  else if (prototype === Array.prototype) writeArray(value as readonly unknown[]);
  else if (prototype === Map.prototype) writeMap(value as ReadonlyMap<unknown, unknown>);
  else if (prototype === Uint8Array.prototype) writeBytes(value as Uint8Array);
  else if (prototype === Date.prototype) writeDate(value as Date);
  else if (prototype === Set.prototype) writeSet(value as ReadonlySet<unknown>);
  else if (prototype === EncodedValues.prototype) writeEncoded(value as EncodedValues);
  else writeOther(value);
}

/** P1 */
function writeRecord(value: Readonly<Record<string, unknown>>): void {
  const keys = Object.keys(value);
  let shape = shapes.length - 1;
  while (shape >= 0 && !areEqual(shapes[shape] as readonly string[], keys)) shape -= 1;
  if (shape >= 0) target[position++] = 0x40 + shape;
  else {
    shape = nextShape;
    nextShape = (nextShape + 1) % shapesMax;
    shapes[shape] = keys;
    target[position++] = 0xd4;
    target[position++] = 0x72;
    target[position++] = 0x40 + shape;
    writeArray(keys);
  }
  for (let index = 0; index < keys.length; index += 1) write(value[keys[index] as string]);
}

function writeArray(values: readonly unknown[]): void {
  writeLength(values.length, 0x90, 0xdc);
  for (let index = 0; index < values.length; index += 1) write(values[index]);
}

function writeMap(map: ReadonlyMap<unknown, unknown>): void {
  writeLength(map.size, 0x80, 0xde);
  for (const [key, value] of map) {
    write(key);
    write(value);
  }
}

function writeSet(set: ReadonlySet<unknown>): void {
  target[position++] = 0xd4;
  target[position++] = setExtension;
  target[position++] = 0;
  writeArray(Array.from(set));
}

/** A date of the years 1970 to 2106; others are rare. */
function writeDate(date: Date): void {
  const time = date.getTime();
  const seconds = Math.floor(time / 1_000);
  if (!(seconds >= 0 && seconds < 2 ** 32)) return writeOther(date);
  target[position] = 0xd7;
  target[position + 1] = dateExtension;
  position = target.writeUInt32BE((time - seconds * 1_000) * nanosecondUnits, position + 2);
  position = target.writeUInt32BE(seconds, position);
}

/** @param short the token of lengths below 16; `long` that of two bytes, followed by that of four */
function writeLength(length: number, short: number, long: number): void {
  if (position + 5 > target.byteLength) makeRoom(5);
  if (length < 0x10) {
    target[position++] = short | length;
  } else if (length < 0x10000) {
    target[position] = long;
    position = target.writeUInt16BE(length, position + 1);
  } else {
    target[position] = long + 1;
    position = target.writeUInt32BE(length, position + 1);
  }
}

/** Inside of a value they are the typed array that they are, and copied when they are read. */
function writeBytes(bytes: Uint8Array): void {
  const byteLength = bytes.byteLength + 1;
  makeRoom(byteLength + 8);
  if (byteLength < 0x100) {
    target[position++] = 0xc7;
    target[position++] = byteLength;
  } else if (byteLength < 0x10000) {
    target[position] = 0xc8;
    position = target.writeUInt16BE(byteLength, position + 1);
  } else {
    target[position] = 0xc9;
    position = target.writeUInt32BE(byteLength, position + 1);
  }
  target[position++] = 0x74;
  target[position++] = 1;
  target.set(bytes, position);
  position += bytes.byteLength;
}

/** It is a message of its own, with shapes under the same numbers. */
function writeOther(value: unknown): void {
  const bytes = other(value);
  writeRaw(bytes, 0, bytes.byteLength);
  forgetShapes();
}

function writeEncoded({ count, bytes }: EncodedValues): void {
  writeLength(count, 0x90, 0xdc);
  writeRaw(bytes, 0, bytes.byteLength);
  forgetShapes();
}

function writeRaw(bytes: Uint8Array, from: number, to: number): void {
  makeRoom(to - from);
  if (to - from < shortCharsMax) {
    for (let index = from; index < to; index += 1) target[position++] = bytes[index] as number;
  } else {
    target.set(bytes.subarray(from, to), position);
    position += to - from;
  }
}

/** As `writeShort`. */
function writeAscii(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length >= shortCharsMax) return false;
  makeRoom(length + 2);
  let at = position + (length < 0x20 ? 1 : 2);
  for (let index = from; index < to; index += 1) {
    const byte = bytes[index] as number;
    if (byte >= 0x80) return false;
    target[at++] = byte;
  }
  closeShort(length, at);
  return true;
}

function writeNumber(value: number): void {
  if (value >>> 0 === value) {
    if (value === 0 && 1 / value < 0) {
      target[position] = 0xcb;
      position = target.writeDoubleBE(value, position + 1);
    } else if (value < 0x40) {
      target[position++] = value;
    } else if (value < 0x100) {
      target[position++] = 0xcc;
      target[position++] = value;
    } else if (value < 0x10000) {
      target[position++] = 0xcd;
      target[position++] = value >> 8;
      target[position++] = value;
    } else {
      target[position] = 0xce;
      position = target.writeUInt32BE(value, position + 1);
    }
  } else if (value >> 0 === value) {
    if (value >= -0x20) {
      target[position++] = 0x100 + value;
    } else {
      target[position] = 0xd2;
      position = target.writeInt32BE(value, position + 1);
    }
  } else {
    target[position] = 0xcb;
    position = target.writeDoubleBE(value, position + 1);
  }
}

function writeText(text: string): void {
  const { length } = text;
  const byteLengthMax = charBytesMax * length;
  makeRoom(byteLengthMax + 5);
  if (length < shortCharsMax && writeShort(text)) return;
  const headBytes = byteLengthMax < 0x100 ? 2 : byteLengthMax < 0x10000 ? 3 : 5;
  const byteLength = target.write(text, position + headBytes);
  // What is not well-formed has more bytes than characters, as all that is not ASCII.
  if (byteLength !== length && !text.isWellFormed()) return writeUnits(text);
  if (headBytes === 2) {
    target[position] = 0xd9;
    target[position + 1] = byteLength;
  } else if (headBytes === 3) {
    target[position] = 0xda;
    target.writeUInt16BE(byteLength, position + 1);
  } else {
    target[position] = 0xdb;
    target.writeUInt32BE(byteLength, position + 1);
  }
  position += headBytes + byteLength;
}

/** A text with half a surrogate pair has no form in UTF-8: two bytes for each of its units. */
function writeUnits(text: string): void {
  const byteLength = 2 * text.length;
  makeRoom(byteLength + 6);
  target[position++] = 0xc9;
  position = target.writeUInt32BE(byteLength, position);
  target[position++] = unitsExtension;
  position += target.write(text, position, "utf16le");
}

/** False when it is not all ASCII. */
function writeShort(text: string): boolean {
  const { length } = text;
  let at = position + (length < 0x20 ? 1 : 2);
  if (length >= loopedCharsMax) {
    // Most of what is not ASCII begins with something that is not.
    if (text.charCodeAt(0) >= 0x80 || target.write(text, at) !== length) return false;
    closeShort(length, at + length);
    return true;
  }
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return false;
    target[at++] = code;
  }
  closeShort(length, at);
  return true;
}

function closeShort(length: number, end: number): void {
  if (length < 0x20) target[position] = 0xa0 | length;
  else {
    target[position] = 0xd9;
    target[position + 1] = length;
  }
  position = end;
}

function forgetShapes(): void {
  shapes.length = 0;
  nextShape = 0;
}

function areEqual(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}

function makeRoom(byteCount: number): void {
  const needed = position + byteCount;
  if (needed <= target.byteLength) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * target.byteLength));
  larger.set(target.subarray(0, position));
  target = larger;
}
