/**
 * ParquetRuns: numbers encoded as runs of equal ones and groups of bit-packed ones. Pure.
 *
 * Every size is checked against the bytes that are there, so that damaged input ends in an error and neither in a loop
 * nor in an array without end.
 *
 * Source: https://parquet.apache.org/docs/file-format/data-pages/encodings/ (run length encoding / bit-packing hybrid)
 */

/** More would not fit the shifts below; a dictionary of 16 million entries is no dictionary. */
const bitWidthMax = 24;

/**
 * Decodes `count` numbers of `bitWidth` bits.
 *
 * @throws Error when the bytes end before, or are not what the encoding says
 */
export function readRuns(bytes: Uint8Array, bitWidth: number, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  if (bitWidth === 0) return numbers;
  if (!(bitWidth <= bitWidthMax)) throw new Error(`numbers of ${bitWidth} bits, at most ${bitWidthMax} are read`);
  const runBytes = (bitWidth + 7) >> 3;
  let at = 0;
  let done = 0;
  while (done < count) {
    let header = 0;
    let shift = 0;
    let byte: number;
    do {
      if (at >= bytes.length || shift > 28) throw new Error(`${done} of ${count} numbers are there`);
      byte = bytes[at]!;
      at += 1;
      header |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    const length = header >>> 1;
    if (length === 0) throw new Error("a run of no numbers");
    if ((header & 1) === 1) {
      const taken = Math.min(length * 8, count - done);
      if (at + Math.ceil((taken * bitWidth) / 8) > bytes.length) throw new Error("a group of numbers is cut off");
      unpack(bytes, at, bitWidth, numbers, done, done + taken);
      done += taken;
      at += length * bitWidth;
    } else {
      if (at + runBytes > bytes.length) throw new Error("a run of numbers is cut off");
      let number = 0;
      for (let index = 0; index < runBytes; index += 1) number |= bytes[at + index]! << (8 * index);
      const end = Math.min(done + length, count);
      numbers.fill(number >>> 0, done, end);
      done = end;
      at += runBytes;
    }
  }
  return numbers;
}

/** Reads numbers packed from the lowest bit of each byte up. */
function unpack(
  bytes: Uint8Array,
  start: number,
  bitWidth: number,
  numbers: Uint32Array,
  from: number,
  to: number,
): void {
  const mask = (1 << bitWidth) - 1;
  let at = start;
  let bits = 0;
  let bitCount = 0;
  for (let index = from; index < to; index += 1) {
    while (bitCount < bitWidth) {
      bits |= bytes[at]! << bitCount;
      at += 1;
      bitCount += 8;
    }
    numbers[index] = bits & mask;
    bits >>>= bitWidth;
    bitCount -= bitWidth;
  }
}
