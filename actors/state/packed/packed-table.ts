/**
 * PackedTable: values by key, outside of the heap: a million of them are no work for the collector of garbage. What a value was
 * comes back as a copy. Keys stay in the order in which they came, as in a Map.
 *
 * The shape is that of the dictionaries of Python and the ordered tables of V8 (Tyler Close, "Deterministic hash tables"): entries
 * in the order in which they came (entry-block.ts), and beside them an index by hash (hash-index.ts). Numbers are kept as they are,
 * everything else as bytes (record-arena.ts), but for what cannot be encoded, or is large: that stays on the heap.
 *
 * Invariants
 *  P2  an entry has at most one record: of its key, of its value, or of both, the key in front.
 *  P3  what throws while it is encoded has changed nothing.
 *  P4  where a block says that it is numeric, the kinds in it are those of a number by a number, or of nothing.
 *
 * Not here: what the values mean, and what is kept of what was removed (../keyed-state.ts).
 */

import { decodeCopy, encodeView } from "../../../runtime/index.ts";
import type { Key } from "../../batch.ts";
import { keyHash } from "../../groupings/key-hash.ts";
import { packedRecordBytesMax } from "../../limits.ts";
import { BlockList } from "./block-list.ts";
import { blockBits, blockEntries, type EntryBlock, EntryWalk, noKind } from "./entry-block.ts";
import { EntryEncoder } from "./entry-encoder.ts";
import {
  bigKey,
  booleanKey,
  heapKey,
  heapValue,
  isKeyInRecord,
  narrowKey,
  numberKey,
  numberValue,
  packedValue,
  plainOfKind,
  recordOf,
  undefinedValue,
  wideKey,
} from "./entry-kinds.ts";
import { HashIndex } from "./hash-index.ts";
import { isKeyAt, isNarrow, keyByteCount, keyByteCountAt, keyTextAt, writeKey } from "./key-bytes.ts";
import { KeysAhead, keysAhead } from "./keys-ahead.ts";
import { RecordArena } from "./record-arena.ts";

export class PackedTable {
  readonly #index = new HashIndex();
  readonly #arena = new RecordArena((entry, place) => this.#moveRecord(entry, place));
  readonly #list = new BlockList((block, slot, next) => this.#moveEntry(block, slot, next));
  readonly #blocks = this.#list.byNumber;
  #size = 0;
  /** What stays on the heap, by the number that its entry has for it. */
  readonly #heap: unknown[] = [];
  readonly #freeHeap: number[] = [];
  /** The key found or told last, and its entry: who asks for one mostly writes it next. */
  #foundKey: Key | undefined;
  #foundEntry = -1;
  readonly #ahead = new KeysAhead();

  get size(): number {
    return this.#size;
  }

  /** What it takes outside of the heap. */
  get bytes(): number {
    let bytes = this.#index.bytes + this.#arena.bytes;
    for (const block of this.#list) bytes += block.bytes;
    return bytes;
  }

  /** The number of the entry of a key, good until an entry is added or removed; -1 for none. */
  find(key: Key): number {
    if (key === this.#foundKey) return this.#foundEntry;
    let entry = this.#ahead.take(key, this.#foundKey);
    if (entry < 0 || !this.#isOf(entry, key)) {
      entry = this.#index.first(hashOf(key));
      while (entry >= 0 && !this.#isOf(entry, key)) entry = this.#index.next();
    }
    this.#foundKey = entry < 0 ? undefined : key;
    this.#foundEntry = entry;
    return entry;
  }

  /**
   * Reads what `find` will read for each of these keys. The memory answers questions that do not depend on each other at the same
   * time, and one `find` after the other waits for each answer.
   */
  prefetch(keys: readonly Key[], from: number, to: number): void {
    const ahead = this.#ahead;
    const blocks = this.#blocks;
    const { hashes, entries } = ahead;
    const count = Math.min(to - from, keysAhead);
    for (let index = 0; index < count; index += 1) hashes[index] = hashOf(keys[from + index] as Key);
    this.#index.firsts(hashes, count, entries);
    let seen = 0;
    // No branch depends on what is read of an entry: a wrong guess would wait for it.
    for (let index = 0; index < count; index += 1) {
      const entry = entries[index] as number;
      if (entry < 0) continue;
      const { numbers, kinds, changed, isNumeric } = blocks[entry >>> blockBits] as EntryBlock;
      const slot = entry & (blockEntries - 1);
      seen ^= (numbers[2 * slot] as number) ^ (changed[slot >> 5] as number);
      if (!isNumeric) seen ^= kinds[slot] as number;
    }
    // Or nothing would have to be read.
    hashes[0] = seen;
    ahead.expect(keys, from, from + count);
  }

  keyOf(entry: number): Key {
    const key = this.#keyAt(entry);
    this.#foundKey = key;
    this.#foundEntry = entry;
    return key;
  }

  valueOf(entry: number): unknown {
    const block = this.#blocks[entry >>> blockBits] as EntryBlock;
    const slot = entry & (blockEntries - 1);
    if (block.isNumeric) return block.numbers[2 * slot + 1];
    const kind = (block.kinds[slot] as number) >> 3;
    if (kind === numberValue) return block.numbers[2 * slot + 1];
    if (kind < packedValue) return plainOfKind[kind];
    if (kind === heapValue) return this.#heap[block.numbers[2 * slot + 1] as number];
    const place = recordOf(block, slot);
    const slab = this.#arena.slabOf(place);
    const start = this.#arena.startOf(place);
    const end = start + this.#arena.lengthOf(place);
    const from = isKeyInRecord(block.kinds[slot] as number) ? start + keyByteCountAt(slab, start) : start;
    return decodeCopy(slab.bytes.subarray(from, end));
  }

  /** The number beside its value; NaN for none. */
  sideOf(entry: number): number {
    const { sides } = this.#blocks[entry >>> blockBits] as EntryBlock;
    return sides === undefined ? Number.NaN : (sides[entry & (blockEntries - 1)] as number);
  }

  setSide(entry: number, side: number): void {
    (this.#blocks[entry >>> blockBits] as EntryBlock).setSide(entry & (blockEntries - 1), side);
  }

  /** The first entry of a key; its number. */
  add(key: Key, value: unknown): number {
    const block = this.#list.lastWithRoom();
    const slot = block.used;
    const entry = (block.number << blockBits) | slot;
    if (typeof key !== "number" || typeof value !== "number") block.isNumeric = false;
    this.#putKey(block, slot, entry, key);
    block.used += 1;
    block.live += 1;
    this.#size += 1;
    this.#index.add(hashOf(key), entry);
    this.#foundKey = key;
    this.#foundEntry = entry;
    // Its value is undefined so far.
    if (typeof value === "number") this.#putNumber(block, slot, value);
    else if (value !== undefined) this.setValue(entry, value);
    return entry;
  }

  setValue(entry: number, value: unknown): void {
    const block = this.#blocks[entry >>> blockBits] as EntryBlock;
    const slot = entry & (blockEntries - 1);
    if (typeof value === "number" && (block.isNumeric || (block.kinds[slot] as number) >> 3 === numberValue)) {
      block.numbers[2 * slot + 1] = value;
    } else if (typeof value === "number") {
      this.#dropValue(block, slot);
      this.#putNumber(block, slot, value);
    } else {
      block.isNumeric = false;
      if (typeof value === "object" && value !== null) this.#setEncoded(block, slot, entry, value);
      else this.#setPlain(block, slot, entry, value);
    }
  }

  remove(entry: number): void {
    const block = this.#blocks[entry >>> blockBits] as EntryBlock;
    const slot = entry & (blockEntries - 1);
    this.#index.remove(hashOf(this.#keyAt(entry)), entry);
    const kind = block.kinds[slot] as number;
    const place = recordOf(block, slot);
    if (place >= 0) this.#arena.free(place);
    if ((kind & 7) === heapKey) this.#forget(block.numbers[2 * slot] as number);
    if (kind >> 3 === heapValue) this.#forget(block.numbers[2 * slot + 1] as number);
    block.kinds[slot] = noKind;
    block.live -= 1;
    this.#size -= 1;
    this.#foundKey = undefined;
    this.#ahead.forget();
    this.#list.shrink(block);
  }

  /** All entries, those from one on, or those behind one. */
  walk(entry = -1, where: "from" | "behind" = "from"): EntryWalk {
    if (entry < 0) return new EntryWalk(this.#list.first, 0);
    const slot = entry & (blockEntries - 1);
    return new EntryWalk(this.#blocks[entry >>> blockBits] as EntryBlock, where === "from" ? slot : slot + 1);
  }

  /** Whether its value could not be encoded, or is too large. */
  isOnHeap(entry: number): boolean {
    const { kinds } = this.#blocks[entry >>> blockBits] as EntryBlock;
    return (kinds[entry & (blockEntries - 1)] as number) >> 3 === heapValue;
  }

  isChanged(entry: number): boolean {
    return (this.#blocks[entry >>> blockBits] as EntryBlock).isChanged(entry & (blockEntries - 1));
  }

  noteChange(entry: number): void {
    (this.#blocks[entry >>> blockBits] as EntryBlock).noteChange(entry & (blockEntries - 1));
  }

  /** The entries that were noted since the call before and are still there, in the order in which they came. */
  takeChanged(): readonly number[] {
    const entries: number[] = [];
    for (const block of this.#list) block.takeChanged(entries);
    return entries;
  }

  get encoder(): EntryEncoder {
    return new EntryEncoder(this.#blocks, this.#arena, this.#heap, (entry) => this.#keyAt(entry));
  }

  #keyAt(entry: number): Key {
    const block = this.#blocks[entry >>> blockBits] as EntryBlock;
    const slot = entry & (blockEntries - 1);
    const number = block.numbers[2 * slot] as number;
    const kind = (block.kinds[slot] as number) & 7;
    if (kind === numberKey) return number;
    if (kind === booleanKey) return number === 1;
    if (kind === heapKey) return this.#heap[number] as Key;
    const text = keyTextAt(this.#arena.slabOf(number), this.#arena.startOf(number), kind !== wideKey);
    return kind === bigKey ? bigOf(text) : text;
  }

  #isOf(entry: number, key: Key): boolean {
    const block = this.#blocks[entry >>> blockBits] as EntryBlock;
    const slot = entry & (blockEntries - 1);
    const number = block.numbers[2 * slot] as number;
    if (block.isNumeric) return number === key;
    const kind = (block.kinds[slot] as number) & 7;
    if (typeof key === "number") return kind === numberKey && number === key;
    if (kind === numberKey) return false;
    if (kind === heapKey) return this.#heap[number] === key;
    if (typeof key === "boolean") return kind === booleanKey && (number === 1) === key;
    if (kind === booleanKey || (kind === bigKey) !== (typeof key === "bigint")) return false;
    const text = typeof key === "bigint" ? key.toString(16) : key;
    return isKeyAt(this.#arena.slabOf(number), this.#arena.startOf(number), text, kind !== wideKey);
  }

  #putKey(block: EntryBlock, slot: number, entry: number, key: Key): void {
    let kind = numberKey;
    let number: number;
    if (typeof key === "number") {
      number = key;
    } else if (typeof key === "boolean") {
      kind = booleanKey;
      number = key ? 1 : 0;
    } else {
      const text = typeof key === "bigint" ? key.toString(16) : key;
      const narrow = isNarrow(text);
      const byteCount = keyByteCount(text, narrow);
      if (byteCount > packedRecordBytesMax) {
        kind = heapKey;
        number = this.#remember(key);
      } else {
        kind = typeof key === "bigint" ? bigKey : narrow ? narrowKey : wideKey;
        number = this.#arena.allocate(entry, byteCount);
        writeKey(this.#arena.slabOf(number), this.#arena.startOf(number), text, narrow);
      }
    }
    block.numbers[2 * slot] = number;
    block.kinds[slot] = kind | (undefinedValue << 3);
  }

  #putNumber(block: EntryBlock, slot: number, value: number): void {
    block.kinds[slot] = ((block.kinds[slot] as number) & 7) | (numberValue << 3);
    block.numbers[2 * slot + 1] = value;
  }

  #setPlain(block: EntryBlock, slot: number, entry: number, value: unknown): void {
    const kind = plainOfKind.indexOf(value, 1);
    if (kind < 0) return this.#setEncoded(block, slot, entry, value);
    this.#dropValue(block, slot);
    block.kinds[slot] = ((block.kinds[slot] as number) & 7) | (kind << 3);
  }

  #setEncoded(block: EntryBlock, slot: number, entry: number, value: unknown): void {
    const bytes = encoded(value);
    const before = block.kinds[slot] as number;
    const hasKey = isKeyInRecord(before);
    const old = recordOf(block, slot);
    const keyBytes = hasKey ? keyByteCountAt(this.#arena.slabOf(old), this.#arena.startOf(old)) : 0;
    const byteCount = keyBytes + (bytes?.byteLength ?? 0);
    if (bytes === undefined || byteCount > packedRecordBytesMax) {
      this.#dropValue(block, slot);
      block.numbers[2 * slot + 1] = this.#remember(value);
      block.kinds[slot] = (before & 7) | (heapValue << 3);
      return;
    }
    if (before >> 3 === heapValue) this.#forget(block.numbers[2 * slot + 1] as number);
    const place = this.#resized(block, slot, entry, keyBytes, byteCount);
    this.#arena.slabOf(place).bytes.set(bytes, this.#arena.startOf(place) + keyBytes);
    block.numbers[hasKey ? 2 * slot : 2 * slot + 1] = place;
    block.kinds[slot] = (before & 7) | (packedValue << 3);
  }

  /** A record of so many bytes in the place of the one that the entry has, with the same key. */
  #resized(block: EntryBlock, slot: number, entry: number, keyBytes: number, byteCount: number): number {
    const arena = this.#arena;
    const before = recordOf(block, slot);
    if (before >= 0 && arena.fits(before, byteCount)) {
      arena.setLength(before, byteCount);
      return before;
    }
    const place = arena.allocate(entry, byteCount);
    // It may have moved.
    const old = recordOf(block, slot);
    if (old < 0) return place;
    const from = arena.startOf(old);
    arena.slabOf(old).bytes.copy(arena.slabOf(place).bytes, arena.startOf(place), from, from + keyBytes);
    arena.free(old);
    return place;
  }

  /** The entry keeps its key; what is kept of its value is let go. */
  #dropValue(block: EntryBlock, slot: number): void {
    const kind = block.kinds[slot] as number;
    if (kind >> 3 === heapValue) this.#forget(block.numbers[2 * slot + 1] as number);
    if (kind >> 3 !== packedValue) return;
    const place = recordOf(block, slot);
    if (!isKeyInRecord(kind)) return this.#arena.free(place);
    const keyBytes = keyByteCountAt(this.#arena.slabOf(place), this.#arena.startOf(place));
    const entry = (block.number << blockBits) | slot;
    block.numbers[2 * slot] = this.#resized(block, slot, entry, keyBytes, keyBytes);
  }

  #moveRecord(entry: number, place: number): void {
    const block = this.#blocks[entry >>> blockBits] as EntryBlock;
    const slot = entry & (blockEntries - 1);
    block.numbers[isKeyInRecord(block.kinds[slot] as number) ? 2 * slot : 2 * slot + 1] = place;
  }

  #moveEntry(block: EntryBlock, slot: number, next: number): void {
    this.#ahead.forget();
    const entry = (block.number << blockBits) | slot;
    this.#index.renumber(hashOf(this.#keyAt(entry)), entry, next);
    const place = recordOf(block, slot);
    if (place >= 0) this.#arena.setOwner(place, next);
  }

  #remember(value: unknown): number {
    const number = this.#freeHeap.pop() ?? this.#heap.length;
    this.#heap[number] = value;
    return number;
  }

  #forget(number: number): void {
    this.#heap[number] = undefined;
    this.#freeHeap.push(number);
  }
}

/** The hash of a key, signed, with all its bits at random among the keys of any group: lowbias32 by Chris Wellons. */
function hashOf(key: Key): number {
  let hash = keyHash(key);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}

/** A view of a pool; undefined for what is not plain data, or would come back as something else. */
function encoded(value: unknown): Uint8Array | undefined {
  if (value instanceof Error) return undefined;
  try {
    return encodeView(value, "value");
  } catch {
    return undefined;
  }
}

function bigOf(text: string): bigint {
  return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}
