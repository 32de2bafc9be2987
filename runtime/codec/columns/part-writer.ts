/** PartWriter: the parts of a msgpack message that columns are made of, one after another, in a pool that grows. */

import { encodeView } from "../codec.ts";
import { isLittleEndian } from "./column-form.ts";

const poolBytesMin = 64 * 1024;
/** What is kept for the next message. */
const poolBytesMax = 4 * 1024 * 1024;

export class PartWriter {
  #bytes = new Uint8Array(poolBytesMin);
  #view = new DataView(this.#bytes.buffer);
  #position = 0;

  /** The message so far, in a buffer of its own. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#position);
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
    const at = this.#binary(2 * count);
    const view = this.#view;
    for (let index = 0; index < count; index += 1) {
      view.setInt16(at + 2 * index, numbers[index] as number, isLittleEndian);
    }
  }

  int32(numbers: Int32Array, count: number): void {
    const at = this.#binary(4 * count);
    const view = this.#view;
    for (let index = 0; index < count; index += 1) {
      view.setInt32(at + 4 * index, numbers[index] as number, isLittleEndian);
    }
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
    const at = this.#binary(byteCount * count);
    const view = this.#view;
    if (byteCount === 1) {
      for (let index = 0; index < count; index += 1) view.setUint8(at + index, (numbers[index] as number) - base);
    } else if (byteCount === 2) {
      for (let index = 0; index < count; index += 1) {
        view.setUint16(at + 2 * index, (numbers[index] as number) - base, isLittleEndian);
      }
    } else {
      for (let index = 0; index < count; index += 1) {
        view.setUint32(at + 4 * index, (numbers[index] as number) - base, isLittleEndian);
      }
    }
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
