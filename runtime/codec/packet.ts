/**
 * Packet: msgpack values, one after another, that are posted to another host together.
 *
 * Invariants
 *  I1  a packet that was taken is not touched again by its writer, so it can be transferred.
 *  I2  a value that is refused leaves the packet as it was.
 */

import { frameBytesMax, packetBytesSoft } from "../limits.ts";
import { encodeView } from "./codec.ts";
import { FrameCorruptError, FrameTooLargeError } from "./frame-error.ts";
import { unpackAll } from "./packr.ts";

const packetBytesMin = 4 * 1024;
/** A byte string has a type byte and at most four bytes of length before it. */
const headerBytesMax = 5;

export class PacketWriter {
  #buffer = new Uint8Array(packetBytesMin);
  #byteLength = 0;

  /** Bytes written since the last `take`. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * Appends one value. A Uint8Array is appended as a byte string, which the reader gets as a view of the packet; arrays
   * of bytes inside other values are copied there.
   *
   * @param path names the value in errors
   * @throws ERR_RT_NOT_PLAIN_DATA, ERR_RT_FRAME_TOO_LARGE
   */
  write(value: unknown, path = "value"): void {
    if (value instanceof Uint8Array) this.#writeBytes(value);
    else this.append(encodeView(value, path));
  }

  /** Appends what `encode` returned, as the value that it stands for. */
  append(encoded: Uint8Array): void {
    this.#makeRoom(encoded.byteLength);
    this.#buffer.set(encoded, this.#byteLength);
    this.#byteLength += encoded.byteLength;
  }

  /** Hands over what was written, in a buffer of its own, and starts afresh. */
  take(): Uint8Array<ArrayBuffer> {
    const byteLength = this.#byteLength;
    this.#byteLength = 0;
    // A small packet in a large buffer is copied: its receiver would hold, and its sender make anew, the large one.
    if (byteLength * 2 < this.#buffer.byteLength) return this.#buffer.slice(0, byteLength);
    const packet = this.#buffer.subarray(0, byteLength);
    // The next packet is about as large: growing to that would copy it again and again.
    this.#buffer = unfilled(Math.min(this.#buffer.byteLength, packetBytesSoft));
    return packet;
  }

  #writeBytes(bytes: Uint8Array): void {
    const byteLength = bytes.byteLength;
    if (byteLength > frameBytesMax) throw new FrameTooLargeError(byteLength);
    this.#makeRoom(headerBytesMax + byteLength);
    const buffer = this.#buffer;
    let position = this.#byteLength;
    buffer[position] = 0xc6;
    buffer[position + 1] = byteLength >>> 24;
    buffer[position + 2] = byteLength >>> 16;
    buffer[position + 3] = byteLength >>> 8;
    buffer[position + 4] = byteLength;
    position += headerBytesMax;
    buffer.set(bytes, position);
    this.#byteLength = position + byteLength;
  }

  #makeRoom(byteCount: number): void {
    const needed = this.#byteLength + byteCount;
    if (needed <= this.#buffer.byteLength) return;
    const buffer = unfilled(Math.max(needed, this.#buffer.byteLength * 2));
    buffer.set(this.#buffer.subarray(0, this.#byteLength));
    this.#buffer = buffer;
  }
}

/** Not filled with zeros: of a packet only what was written is read. */
function unfilled(byteLength: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer);
}

/**
 * Calls `receive` with each value of a packet, in order, after all of it was decoded. Byte strings are views of `bytes`.
 *
 * @throws ERR_RT_FRAME_CORRUPT before the first call
 */
export function readPacket(bytes: Uint8Array, receive: (value: unknown) => void): void {
  if (bytes.byteLength === 0) return;
  let values: unknown[];
  try {
    values = unpackAll(bytes);
  } catch (error) {
    throw new FrameCorruptError(bytes.byteLength, error);
  }
  for (const value of values) receive(value);
}
