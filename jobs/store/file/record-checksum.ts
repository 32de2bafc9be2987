/**
 * RecordChecksum: the CRC-32C under which a record is stored, over everything that it is: what it is a record of, its epoch,
 * its length, its bytes. A record under another key, of another epoch or cut off is as damaged as one with a flipped bit.
 *
 * A CRC of 32 bits finds every error of up to 32 bits in a row, and all others but one of four thousand million.
 */

import { crc32c } from "./crc32c.ts";

/** @param facts what the record is besides its bytes, in a fixed order */
export function recordChecksum(facts: readonly (string | number)[], bytes: Uint8Array = noBytes): number {
  return crc32c(bytes, crc32c(Buffer.from(JSON.stringify([...facts, bytes.byteLength]))));
}

const noBytes = new Uint8Array();
