/**
 * HashIndex: from a hash to the numbers of the entries that have it. An open-addressing table with linear probing, in which what
 * is removed leaves no mark behind: those that follow move up (Knuth, The Art of Computer Programming 3, 6.4, Algorithm R).
 *
 * It is cut into segments by the upper bits of the hash. Each grows and shrinks alone, so that no growth takes long: at ten million
 * entries one copies some 40,000.
 *
 * Invariants
 *  H1  between the home of an entry and where it is, no slot is empty.
 *  H2  at most three quarters of the slots of a segment are taken, and more than an eighth unless it has the fewest slots.
 */

import { assert } from "../../../runtime/index.ts";

const segmentBits = 8;
const slotsMin = 8;

export class HashIndex {
  /** Of each slot the hash, and the number of the entry plus one; 0 for an empty slot. */
  readonly #segments: Int32Array[] = Array.from({ length: 1 << segmentBits }, () => new Int32Array(2 * slotsMin));
  readonly #counts = new Int32Array(1 << segmentBits);
  #bytes = (1 << segmentBits) * 8 * slotsMin;
  /** Where `next` goes on. */
  #hash = 0;
  #slot = 0;
  #segment: Int32Array = this.#segments[0] as Int32Array;

  get bytes(): number {
    return this.#bytes;
  }

  /** The first entry of each of so many hashes; -1 for none. What is first looked at is read of all of them before anything depends on it. */
  firsts(hashes: Int32Array, count: number, entries: Int32Array): void {
    const segments = this.#segments;
    for (let index = 0; index < count; index += 1) {
      const hash = hashes[index] as number;
      const segment = segments[hash >>> (32 - segmentBits)] as Int32Array;
      entries[index] = segment[2 * (hash & ((segment.length >> 1) - 1)) + 1] as number;
    }
    for (let index = 0; index < count; index += 1) {
      const hash = hashes[index] as number;
      const segment = segments[hash >>> (32 - segmentBits)] as Int32Array;
      const mask = (segment.length >> 1) - 1;
      let slot = hash & mask;
      while (segment[2 * slot + 1] !== 0 && segment[2 * slot] !== hash) slot = (slot + 1) & mask;
      entries[index] = (segment[2 * slot + 1] as number) - 1;
    }
  }

  /** The first entry of a hash of 32 bits, signed; -1 for none. */
  first(hash: number): number {
    const segment = this.#segments[hash >>> (32 - segmentBits)] as Int32Array;
    this.#segment = segment;
    this.#hash = hash;
    this.#slot = hash & ((segment.length >> 1) - 1);
    return this.next();
  }

  /** The next one of the hash that was asked for last, as long as nothing changes; -1 for none. */
  next(): number {
    const segment = this.#segment;
    const hash = this.#hash;
    const mask = (segment.length >> 1) - 1;
    for (let slot = this.#slot; ; slot = (slot + 1) & mask) {
      const entry = segment[2 * slot + 1] as number;
      if (entry === 0) {
        this.#slot = slot;
        return -1;
      }
      if (segment[2 * slot] === hash) {
        this.#slot = (slot + 1) & mask;
        return entry - 1;
      }
    }
  }

  add(hash: number, entry: number): void {
    const number = hash >>> (32 - segmentBits);
    const count = (this.#counts[number] as number) + 1;
    this.#counts[number] = count;
    const slots = (this.#segments[number] as Int32Array).length >> 1;
    if (count * 4 > slots * 3) this.#resize(number, slots * 2);
    put(this.#segments[number] as Int32Array, hash, entry + 1);
  }

  remove(hash: number, entry: number): void {
    const number = hash >>> (32 - segmentBits);
    const segment = this.#segments[number] as Int32Array;
    const mask = (segment.length >> 1) - 1;
    let hole = this.#slotOf(segment, hash, entry);
    for (let slot = (hole + 1) & mask; segment[2 * slot + 1] !== 0; slot = (slot + 1) & mask) {
      const home = (segment[2 * slot] as number) & mask;
      // One whose home lies behind the hole stays (H1).
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      segment[2 * hole] = segment[2 * slot] as number;
      segment[2 * hole + 1] = segment[2 * slot + 1] as number;
      hole = slot;
    }
    segment[2 * hole] = 0;
    segment[2 * hole + 1] = 0;
    const count = (this.#counts[number] as number) - 1;
    this.#counts[number] = count;
    if (mask >= slotsMin && count * 8 <= mask) this.#resize(number, (mask + 1) >> 1);
  }

  /** The entry has another number now. */
  renumber(hash: number, entry: number, next: number): void {
    const segment = this.#segments[hash >>> (32 - segmentBits)] as Int32Array;
    segment[2 * this.#slotOf(segment, hash, entry) + 1] = next + 1;
  }

  #slotOf(segment: Int32Array, hash: number, entry: number): number {
    const mask = (segment.length >> 1) - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = segment[2 * slot + 1];
      if (found === entry + 1) return slot;
      assert(found !== 0, "H1: an entry is found from its home on");
    }
  }

  #resize(number: number, slots: number): void {
    const before = this.#segments[number] as Int32Array;
    const after = new Int32Array(2 * slots);
    for (let at = 0; at < before.length; at += 2) {
      const entry = before[at + 1] as number;
      if (entry !== 0) put(after, before[at] as number, entry);
    }
    this.#segments[number] = after;
    this.#bytes += after.byteLength - before.byteLength;
  }
}

function put(segment: Int32Array, hash: number, stored: number): void {
  const mask = (segment.length >> 1) - 1;
  let slot = hash & mask;
  while (segment[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
  segment[2 * slot] = hash;
  segment[2 * slot + 1] = stored;
}
