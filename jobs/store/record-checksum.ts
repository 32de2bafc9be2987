/**
 * RecordChecksum: the CRC-32 under which a record is stored, over everything that it is: what it is a record of, its epoch,
 * its length, its bytes. A record under another key, of another epoch or cut off is as damaged as one with a flipped bit.
 *
 * CRC-32 finds every error of up to 32 bits in a row, and three of four thousand million others.
 */

import { crc32 } from "node:zlib";

/** @param facts what the record is besides its bytes, in a fixed order */
export function recordChecksum(facts: readonly (string | number)[], bytes: Uint8Array): number {
  return crc32(bytes, crc32(JSON.stringify([...facts, bytes.byteLength])));
}
