/**
 * PassedBytes: tells by checksums what a source has read of its input, so that a position is found again in the same bytes
 * only. Pure; one per file that is read.
 *
 * It looks at the first `passedHeadBytes` behind the beginning and at the last `passedTailBytes` before the position: a file
 * that was exchanged, or in which anything was put in or left out, differs there. To read all of it again at every start
 * would cost more the longer a job runs.
 *
 * Bound: what was added since `advance` was called last is kept.
 */

import { crc32 } from "node:zlib";
import { assert } from "../../runtime/index.ts";
import { passedHeadBytes, passedTailBytes } from "../limits.ts";

/** What stands in a checkpoint. */
export interface PassedChecksum {
  readonly head: number;
  readonly tail: number;
}

const lineFeed = 10;
const empty: Buffer = Buffer.alloc(0);

export class PassedBytes {
  readonly #from: number;
  #offset: number;
  #head = 0;
  #tail = empty;
  readonly #ahead: Buffer[] = [];

  /** @param from offset of the first byte that will be added */
  constructor(from: number) {
    this.#from = from;
    this.#offset = from;
  }

  /** Everything before is in the checksum. */
  get offset(): number {
    return this.#offset;
  }

  /** Of the bytes before `offset`. */
  get checksum(): PassedChecksum {
    return { head: this.#head, tail: crc32(this.#tail) };
  }

  /** Whether the bytes before `offset` end with a line break, or there are none. */
  get endsLine(): boolean {
    return this.#tail.length === 0 || this.#tail.at(-1) === lineFeed;
  }

  /** The offsets of bytes that have to be added so that the checksum at `offset` is right; the others may be left out. */
  neededBefore(offset: number): readonly { readonly start: number; readonly end: number }[] {
    const headEnd = Math.min(offset, this.#from + passedHeadBytes);
    const tailStart = Math.max(this.#from, offset - passedTailBytes);
    if (tailStart <= headEnd) return [{ start: this.#from, end: offset }];
    return [
      { start: this.#from, end: headEnd },
      { start: tailStart, end: offset },
    ];
  }

  /** Adds bytes behind those added before. */
  add(bytes: Buffer): void {
    this.#ahead.push(bytes);
  }

  /** Leaves out bytes that are not needed. */
  leaveOutTo(offset: number): void {
    assert(this.#ahead.length === 0 && offset >= this.#offset, "bytes are left out when all before were passed");
    this.#offset = offset;
    this.#tail = empty;
  }

  /** Passes what was added, up to an offset that does not lie before the one passed last. */
  advance(offset: number): void {
    assert(offset >= this.#offset, "positions do not go back");
    while (this.#offset < offset) {
      const bytes = this.#ahead[0];
      assert(bytes !== undefined, "what is passed was read");
      const passed = bytes.subarray(0, offset - this.#offset);
      if (passed.length === bytes.length) this.#ahead.shift();
      else this.#ahead[0] = bytes.subarray(passed.length);
      this.#pass(passed);
    }
  }

  #pass(bytes: Buffer): void {
    const headBytesLeft = this.#from + passedHeadBytes - this.#offset;
    if (headBytesLeft > 0) this.#head = crc32(bytes.subarray(0, headBytesLeft), this.#head);
    const keptBytes = passedTailBytes - bytes.length;
    this.#tail =
      keptBytes > 0 ? Buffer.concat([this.#tail.subarray(-keptBytes), bytes]) : bytes.subarray(-passedTailBytes);
    this.#offset += bytes.length;
  }
}
