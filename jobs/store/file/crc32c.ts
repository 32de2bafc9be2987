/**
 * CRC-32C, the checksum of iSCSI and of most storage formats: the polynomial of Castagnoli, bits in reflected order, by
 * tables for eight bytes at a time ("slicing by 8", Kounavis and Berry 2005).
 */

/** @param seed the checksum of what comes before; 0 at the beginning */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  let at = 0;
  for (const end = bytes.length & ~7; at < end; at += 8) {
    const low = crc ^ word(bytes, at);
    const high = word(bytes, at + 4);
    crc =
      entry(7, low) ^
      entry(6, low >>> 8) ^
      entry(5, low >>> 16) ^
      entry(4, low >>> 24) ^
      entry(3, high) ^
      entry(2, high >>> 8) ^
      entry(1, high >>> 16) ^
      entry(0, high >>> 24);
  }
  for (; at < bytes.length; at += 1) crc = (crc >>> 8) ^ entry(0, crc ^ (bytes[at] as number));
  return ~crc >>> 0;
}

/** Table n: what a byte that is followed by n others does to the checksum. */
const tables = makeTables();

function makeTables(): Int32Array {
  const all = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    all[byte] = crc;
  }
  for (let index = 256; index < all.length; index += 1) {
    const before = all[index - 256] as number;
    all[index] = (before >>> 8) ^ (all[before & 255] as number);
  }
  return all;
}

function entry(table: number, byte: number): number {
  return tables[table * 256 + (byte & 255)] as number;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
