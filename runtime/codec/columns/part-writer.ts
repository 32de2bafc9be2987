/** PartWriter: the parts of a msgpack message that columns are made of, one after another, in a pool that grows. */

import { encodeView } from "../codec.ts";

const poolBytesMin = 64 * 1024;
/** What is kept for the next message. */
const poolBytesMax = 4 * 1024 * 1024;

/** Numbers are narrowed here, and copied: a part begins anywhere, and what writes to any place takes twice as long. */
class Scratch {
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;

  constructor(count: number) {
    this.uint32 = new Uint32Array(count);
    const { buffer } = this.uint32;
    this.uint8 = new Uint8Array(buffer);
    this.int16 = new Int16Array(buffer);
    this.uint16 = new Uint16Array(buffer);
  }
}

const scratchCountMax = 8_192;
let scratch = new Scratch(scratchCountMax);

/** With room for so many numbers. */
function scratchFor(count: number): Scratch {
  if (count > scratch.uint32.length) scratch = new Scratch(count);
  else if (count <= scratchCountMax && scratch.uint32.length > scratchCountMax) scratch = new Scratch(scratchCountMax);
  return scratch;
}

export class PartWriter {
  #bytes = new Uint8Array(poolBytesMin);
  #view = new DataView(this.#bytes.buffer);
  #position = 0;

  /** The message so far, until the next one begins. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#position);
  }

  /** For the next message. */
  clear(): void {
    this.#position = 0;
    if (this.#bytes.byteLength > poolBytesMax) this.#grow(poolBytesMin);
  }

  array(length: number): void {
    this.#makeRoom(3);
    this.#bytes[this.#position] = 0xdc;
    this.#view.setUint16(this.#position + 1, length);
    this.#position += 3;
  }

  nil(): void {
    this.#makeRoom(1);
    this.#bytes[this.#position++] = 0xc0;
  }

  /** A whole number from 0 to 127. */
  small(value: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#position++] = value;
  }

  count(value: number): void {
    this.#makeRoom(5);
    this.#bytes[this.#position] = 0xce;
    this.#view.setUint32(this.#position + 1, value);
    this.#position += 5;
  }

  double(value: number): void {
    this.#makeRoom(9);
    this.#bytes[this.#position] = 0xcb;
    this.#view.setFloat64(this.#position + 1, value);
    this.#position += 9;
  }

  /** A value as bytes that hold a message of its own. Throws ERR_RT_NOT_PLAIN_DATA, ERR_RT_FRAME_TOO_LARGE. */
  packed(value: unknown): void {
    this.bytes(encodeView(value, "value"));
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#binary(bytes.byteLength);
    this.#bytes.set(bytes, at);
  }

  int8(numbers: Int32Array, count: number): void {
    const at = this.#binary(count);
    const bytes = this.#bytes;
    for (let index = 0; index < count; index += 1) bytes[at + index] = numbers[index] as number;
  }

  int16(numbers: Int32Array, count: number): void {
    const narrow = scratchFor(count).int16;
    for (let index = 0; index < count; index += 1) narrow[index] = numbers[index] as number;
    this.#scratch(2 * count);
  }

  int32(numbers: Int32Array, count: number): void {
    this.bytes(new Uint8Array(numbers.buffer, numbers.byteOffset, 4 * count));
  }

  codes8(codes: Uint16Array, count: number): void {
    const at = this.#binary(count);
    const bytes = this.#bytes;
    for (let index = 0; index < count; index += 1) bytes[at + index] = codes[index] as number;
  }

  codes16(codes: Uint16Array, count: number): void {
    this.bytes(new Uint8Array(codes.buffer, codes.byteOffset, 2 * count));
  }

  float64(numbers: Float64Array, count: number): void {
    this.bytes(new Uint8Array(numbers.buffer, numbers.byteOffset, 8 * count));
  }

  /** How much each is above `base`. */
  above(byteCount: 1 | 2 | 4, base: number, numbers: Float64Array, count: number): void {
    const { uint8, uint16, uint32 } = scratchFor(count);
    if (byteCount === 1) {
      for (let index = 0; index < count; index += 1) uint8[index] = (numbers[index] as number) - base;
    } else if (byteCount === 2) {
      for (let index = 0; index < count; index += 1) uint16[index] = (numbers[index] as number) - base;
    } else {
      for (let index = 0; index < count; index += 1) uint32[index] = (numbers[index] as number) - base;
    }
    this.#scratch(byteCount * count);
  }

  /** What was written to the scratch, as a binary part. */
  #scratch(byteLength: number): void {
    this.bytes(scratch.uint8.subarray(0, byteLength));
  }

  /** The head of a binary part. Returns where its bytes go. */
  #binary(byteLength: number): number {
    this.#makeRoom(5 + byteLength);
    const at = this.#position + 5;
    this.#bytes[this.#position] = 0xc6;
    this.#view.setUint32(this.#position + 1, byteLength);
    this.#position = at + byteLength;
    return at;
  }

  #makeRoom(byteCount: number): void {
    const needed = this.#position + byteCount;
    if (needed > this.#bytes.byteLength) this.#grow(Math.max(needed, 2 * this.#bytes.byteLength));
  }

  #grow(byteLength: number): void {
    const larger = new Uint8Array(byteLength);
    larger.set(this.#bytes.subarray(0, this.#position));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
