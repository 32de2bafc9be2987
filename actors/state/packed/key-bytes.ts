/**
 * KeyBytes: keys that are no numbers as bytes in front of a record: their length, in one byte or in five, then a byte per UTF-16
 * code unit, or two where one does not do. What comes back is exactly what went in, lone surrogates included. Big integers are
 * the text of their hexadecimal digits.
 */

import type { Slab } from "./record-arena.ts";

/** From this length on it takes five bytes. */
const longLength = 0xff;

/** Whether a byte per code unit does. */
export function isNarrow(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}

/** How many bytes the key takes, its length included. */
export function keyByteCount(text: string, narrow: boolean): number {
  const byteLength = narrow ? text.length : 2 * text.length;
  return byteLength + (byteLength < longLength ? 1 : 5);
}

export function writeKey({ bytes }: Slab, start: number, text: string, narrow: boolean): void {
  const byteLength = narrow ? text.length : 2 * text.length;
  let at = start;
  bytes[at++] = Math.min(byteLength, longLength);
  if (byteLength >= longLength) at = bytes.writeUInt32LE(byteLength, at);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    bytes[at++] = code;
    if (!narrow) bytes[at++] = code >> 8;
  }
}

/** How many bytes the key that begins there takes, its length included. */
export function keyByteCountAt({ bytes }: Slab, start: number): number {
  const byteLength = bytes[start] as number;
  return byteLength < longLength ? byteLength + 1 : bytes.readUInt32LE(start + 1) + 5;
}

export function keyTextAt(slab: Slab, start: number, narrow: boolean): string {
  const { bytes } = slab;
  const end = start + keyByteCountAt(slab, start);
  const from = start + (bytes[start] === longLength ? 5 : 1);
  return bytes.toString(narrow ? "latin1" : "utf16le", from, end);
}

export function isKeyAt(slab: Slab, start: number, text: string, narrow: boolean): boolean {
  const { bytes } = slab;
  const { length } = text;
  if (keyByteCountAt(slab, start) !== keyByteCount(text, narrow)) return false;
  let at = start + (bytes[start] === longLength ? 5 : 1);
  for (let index = 0; index < length; index += 1) {
    const code = narrow ? bytes[at] : (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    if (code !== text.charCodeAt(index)) return false;
    at += narrow ? 1 : 2;
  }
  return true;
}
