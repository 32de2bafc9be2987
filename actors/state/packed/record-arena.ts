/**
 * RecordArena: byte strings of any length outside of the heap, each owned by an entry of a table. They are written one behind the
 * other into slabs, as in a log-structured file system (Rosenblum and Ousterhout 1992); a slab of which little is left is cleaned:
 * what is left moves to the end, and the slab is given back.
 *
 * Invariants
 *  A1  slabs have at most twice the bytes of the records in them, and three of the largest.
 *  A2  a record takes at most twice the bytes of what is in it, rounded up to eight, and a head of eight.
 *  A3  `moved` is told of a record before anybody else can ask for it.
 */

import { assert } from "../../../runtime/index.ts";
import { packedRecordBytesMax } from "../../limits.ts";

const slabBytesMin = 64 * 1024;
const slabBytesMax = 1024 * 1024;
const headBytes = 8;
/** The owner of a record that is gone. */
const nobody = -1;

/** Bytes in a slab: where they are until the arena is changed. */
export class Slab {
  readonly number: number;
  readonly bytes: Buffer;
  /** Of each record the owner, then its room in units of eight bytes and, in the lower half, how much of that is free. */
  readonly words: Int32Array;
  used = 0;
  live = 0;

  constructor(number: number, byteLength: number) {
    this.number = number;
    this.bytes = Buffer.allocUnsafeSlow(byteLength);
    this.words = new Int32Array(this.bytes.buffer, 0, byteLength / 4);
  }
}

export class RecordArena {
  readonly #moved: (owner: number, place: number) => void;
  readonly #slabs: (Slab | undefined)[] = [];
  readonly #freeNumbers: number[] = [];
  #tail: Slab;
  #bytes = 0;
  #live = 0;

  /** @param moved told that the record of an owner is at another place now */
  constructor(moved: (owner: number, place: number) => void) {
    this.#moved = moved;
    this.#tail = this.#newSlab();
  }

  /** Of all slabs. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Room for so many bytes; its place, which is a whole number from 0. Other records may move (A3). */
  allocate(owner: number, byteCount: number): number {
    assert(byteCount <= packedRecordBytesMax, "a record fits a slab");
    const room = (byteCount + 7) & ~7;
    if (!this.#hasRoom(room)) {
      this.#clean();
      if (!this.#hasRoom(room)) this.#tail = this.#newSlab();
    }
    return this.#append(owner, room, room - byteCount);
  }

  /** Whether so many bytes may take the place of what is there (A2). */
  fits(place: number, byteCount: number): boolean {
    const room = this.#headOf(place) >>> 16;
    return byteCount <= room * 8 && byteCount * 2 + 7 >= room * 8;
  }

  /** The record has so many bytes now, which fit. */
  setLength(place: number, byteCount: number): void {
    const slab = this.slabOf(place);
    const word = (place % slabBytesMax) / 4 + 1;
    const room = (slab.words[word] as number) >>> 16;
    slab.words[word] = (room << 16) | (room * 8 - byteCount);
  }

  setOwner(place: number, owner: number): void {
    this.slabOf(place).words[(place % slabBytesMax) / 4] = owner;
  }

  free(place: number): void {
    const slab = this.slabOf(place);
    slab.words[(place % slabBytesMax) / 4] = nobody;
    const taken = headBytes + (this.#headOf(place) >>> 16) * 8;
    this.#live -= taken;
    slab.live -= taken;
    if (slab.live === 0 && slab !== this.#tail) this.#release(slab);
  }

  slabOf(place: number): Slab {
    return this.#slabs[Math.floor(place / slabBytesMax)] as Slab;
  }

  /** Where in its slab the bytes of a record begin. */
  startOf(place: number): number {
    return (place % slabBytesMax) + headBytes;
  }

  lengthOf(place: number): number {
    const head = this.#headOf(place);
    return (head >>> 16) * 8 - (head & 0xffff);
  }

  #headOf(place: number): number {
    return this.slabOf(place).words[(place % slabBytesMax) / 4 + 1] as number;
  }

  #hasRoom(room: number): boolean {
    return this.#tail.used + headBytes + room <= this.#tail.bytes.byteLength;
  }

  #append(owner: number, room: number, free: number): number {
    const slab = this.#tail;
    const offset = slab.used;
    slab.words[offset / 4] = owner;
    slab.words[offset / 4 + 1] = ((room / 8) << 16) | free;
    slab.used += headBytes + room;
    slab.live += headBytes + room;
    this.#live += headBytes + room;
    return slab.number * slabBytesMax + offset;
  }

  /** A1: the emptiest slabs are less than half full as long as there are too many. */
  #clean(): void {
    while (this.#bytes > 2 * this.#live + 2 * slabBytesMax) {
      let emptiest: Slab | undefined;
      for (const slab of this.#slabs) {
        if (slab === undefined || slab === this.#tail) continue;
        const isEmptier = emptiest === undefined || shareOf(slab) < shareOf(emptiest);
        if (isEmptier) emptiest = slab;
      }
      if (emptiest === undefined) return;
      this.#evacuate(emptiest);
    }
  }

  #evacuate(slab: Slab): void {
    for (let offset = 0; offset < slab.used; ) {
      const owner = slab.words[offset / 4] as number;
      const head = slab.words[offset / 4 + 1] as number;
      const room = (head >>> 16) * 8;
      if (owner !== nobody) {
        if (!this.#hasRoom(room)) this.#tail = this.#newSlab();
        const place = this.#append(owner, room, head & 0xffff);
        this.#live -= headBytes + room;
        const start = offset + headBytes;
        slab.bytes.copy(this.#tail.bytes, this.startOf(place), start, start + room);
        this.#moved(owner, place);
      }
      offset += headBytes + room;
    }
    this.#release(slab);
  }

  #newSlab(): Slab {
    const byteLength = Math.min(slabBytesMax, Math.max(slabBytesMin, 2 ** Math.floor(Math.log2(this.#bytes + 1))));
    const number = this.#freeNumbers.pop() ?? this.#slabs.length;
    const slab = new Slab(number, byteLength);
    this.#slabs[number] = slab;
    this.#bytes += byteLength;
    return slab;
  }

  #release(slab: Slab): void {
    this.#slabs[slab.number] = undefined;
    this.#freeNumbers.push(slab.number);
    this.#bytes -= slab.bytes.byteLength;
  }
}

function shareOf({ live, bytes }: Slab): number {
  return live / bytes.byteLength;
}
