/**
 * unpackPlain: the values in a packet, as `packPlain` has written them.
 *
 * A packet holds a few small values whose shapes are all new to it, and the same few strings as the packets before: names of
 * actors, keys of records. msgpackr compiles a function for a shape that comes a third time in a packet, and asks native code for
 * the strings; here a record is filled key by key, and short strings are looked up among those of before.
 *
 * Deliberately elsewhere: what packPlain leaves to msgpackr, and bytes that are damaged. The answer is undefined then, and msgpackr
 * reads the whole packet, or says what is wrong with it.
 */

/** The values that follow each other in `bytes`; byte strings among them are views. Undefined: it takes another reader. */
export function unpackPlain(bytes: Uint8Array): unknown[] | undefined {
  source = bytes;
  sourceBuffer = undefined;
  view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  position = 0;
  shapes = packetShapes;
  const values: unknown[] = [];
  try {
    while (position < bytes.byteLength) values.push(read());
    return position === bytes.byteLength ? values : undefined;
  } catch (error) {
    if (error === notPlain || error instanceof RangeError) return undefined;
    throw error;
  } finally {
    source = nothing;
    sourceBuffer = undefined;
    view = noView;
    packetShapes.length = 0;
  }
}

/**
 * A message of one value, read piece by piece, so that an array of millions is never there as a whole. Throws anything where it
 * takes another reader.
 */
export class PlainCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #shapes: (readonly string[])[] = [];
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next whole value. */
  read(): unknown {
    this.#enter();
    const value = read();
    this.#leave();
    return value;
  }

  /** Into the array that comes next; how many values it has. */
  enterArray(): number {
    this.#enter();
    const length = readArrayLength();
    this.#leave();
    return length;
  }

  /** Leaves out so many values. */
  skip(count: number): void {
    this.#enter();
    for (let index = 0; index < count; index += 1) skip();
    this.#leave();
  }

  /** Another one at the same place, for values without records. */
  fork(): PlainCursor {
    const fork = new PlainCursor(this.#bytes);
    fork.#position = this.#position;
    return fork;
  }

  #enter(): void {
    source = this.#bytes;
    sourceBuffer = undefined;
    view = this.#view;
    position = this.#position;
    shapes = this.#shapes;
  }

  #leave(): void {
    this.#position = position;
    if (position > source.byteLength) throw notPlain;
    source = nothing;
    sourceBuffer = undefined;
    view = noView;
  }
}

const notPlain = new Error("not plain");
const nothing = new Uint8Array(0);
const noView = new DataView(nothing.buffer);
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** Strings up to so many bytes are looked up among those of before. */
const knownBytesMax = 48;
/** How many of them are known, at most. A power of two. */
const knownCount = 2_048;

let source: Uint8Array = nothing;
/** The same, once a text of it was not known. */
let sourceBuffer: Buffer | undefined;
let view: DataView = noView;
let position = 0;
/** Of a packet, and of what is read now. */
const packetShapes: (readonly string[])[] = [];
let shapes = packetShapes;
const known: (string | undefined)[] = new Array(knownCount).fill(undefined);

function read(): unknown {
  const token = source[position++] as number;
  if (token < 0x40 || token >= 0xe0) return token < 0x40 ? token : token - 0x100;
  if (token < 0x80) return readRecord(token & 0x3f);
  if (token < 0x90) return readMap(token & 0x0f);
  if (token < 0xa0) return readArray(token & 0x0f);
  if (token < 0xc0) return readText(token & 0x1f);
  switch (token) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc6:
      return readBytes(readUint32());
    case 0xc7:
      return readTyped(source[position++] as number);
    case 0xc8:
      return readTyped(readUint16());
    case 0xc9:
      return readTyped(readUint32());
    case 0xcb:
      position += 8;
      return view.getFloat64(position - 8);
    case 0xcc:
      return source[position++];
    case 0xcd:
      return readUint16();
    case 0xce:
      return readUint32();
    case 0xd2:
      position += 4;
      return view.getInt32(position - 4);
    case 0xd4:
      return readFixed();
    case 0xd7:
      return readDate();
    case 0xd9:
      return readText(source[position++] as number);
    case 0xda:
      return readText(readUint16());
    case 0xdb:
      return readText(readUint32());
    case 0xdc:
      return readArray(readUint16());
    case 0xdd:
      return readArray(readUint32());
    case 0xde:
      return readMap(readUint16());
    case 0xdf:
      return readMap(readUint32());
    default:
      throw notPlain;
  }
}

function readRecord(number: number): unknown {
  const keys = shapes[number];
  if (keys === undefined) throw notPlain;
  const record: Record<string, unknown> = {};
  for (let index = 0; index < keys.length; index += 1) record[keys[index] as string] = read();
  return record;
}

/** Milliseconds as nanoseconds in the upper thirty bits, then seconds. */
function readDate(): Date {
  if (source[position++] !== 0xff) throw notPlain;
  const fraction = readUint32();
  if ((fraction & 0b11) !== 0) throw notPlain;
  return new Date(fraction / 4_000_000 + readUint32() * 1_000);
}

/** `undefined`, a set, or a record in front of which its shape is. */
function readFixed(): unknown {
  const type = source[position++];
  const token = source[position++] as number;
  if (type === 0 && token === 0) return undefined;
  if (type === 0x73 && token === 0) return readSet();
  if (type !== 0x72 || token < 0x40 || token >= 0x80) throw notPlain;
  const keys = read();
  if (!Array.isArray(keys)) throw notPlain;
  for (let index = 0; index < keys.length; index += 1) {
    if (typeof keys[index] !== "string" || keys[index] === "__proto__") throw notPlain;
  }
  shapes[token & 0x3f] = keys;
  return readRecord(token & 0x3f);
}

function readSet(): unknown {
  const values = read();
  if (!Array.isArray(values)) throw notPlain;
  return new Set(values);
}

function readArrayLength(): number {
  const token = source[position++] as number;
  if (token >= 0x90 && token < 0xa0) return token & 0x0f;
  if (token === 0xdc) return readUint16();
  if (token === 0xdd) return readUint32();
  throw notPlain;
}

/** A string is not made for it. */
function skip(): void {
  const token = source[position] as number;
  if (token >= 0xa0 && token < 0xc0) position += 1 + (token & 0x1f);
  else if (token === 0xd9) position += 2 + (source[position + 1] as number);
  else read();
}

function readArray(length: number): unknown {
  checkRest(length);
  const values: unknown[] = new Array(length);
  for (let index = 0; index < length; index += 1) values[index] = read();
  return values;
}

function readMap(size: number): unknown {
  checkRest(size);
  const map = new Map<unknown, unknown>();
  for (let index = 0; index < size; index += 1) {
    const key = read();
    map.set(key, read());
  }
  return map;
}

function readBytes(byteLength: number): Uint8Array {
  checkRest(byteLength);
  const start = position;
  position += byteLength;
  return source.subarray(start, position);
}

/** Of typed arrays those of bytes; a copy. */
function readTyped(byteLength: number): Uint8Array {
  const bytes = readBytes(byteLength + 1);
  if (bytes[0] !== 0x74 || bytes[1] !== 1) throw notPlain;
  return new Uint8Array(bytes.subarray(2));
}

function readText(byteLength: number): string {
  checkRest(byteLength);
  const start = position;
  position += byteLength;
  if (byteLength > knownBytesMax) return utf8.decode(source.subarray(start, position));
  let hash = byteLength;
  let bits = 0;
  for (let index = start; index < position; index += 1) {
    const byte = source[index] as number;
    hash = Math.imul(hash ^ byte, 0x01000193);
    bits |= byte;
  }
  if (bits >= 0x80) return utf8.decode(source.subarray(start, position));
  const place = (hash ^ (hash >>> 15)) & (knownCount - 1);
  const before = known[place];
  if (before !== undefined && isText(before, start, byteLength)) return before;
  sourceBuffer ??= Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const text = sourceBuffer.toString("latin1", start, position);
  known[place] = text;
  return text;
}

function isText(text: string, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index += 1) if (text.charCodeAt(index) !== source[start + index]) return false;
  return true;
}

function readUint16(): number {
  position += 2;
  return view.getUint16(position - 2);
}

function readUint32(): number {
  position += 4;
  return view.getUint32(position - 4);
}

/** Each value takes a byte at least. */
function checkRest(count: number): void {
  if (!(position + count <= source.byteLength)) throw notPlain;
}
