/**
 * EntryEncoder: entries of a packed table as a snapshot has them: their keys, then their values, encoded. Numbers are written and
 * records copied; of most entries nothing is made on the heap.
 */

import {
  assertPlainData,
  type EncodedValues,
  encodeValues,
  type PlainPieces,
  printValue,
} from "../../../runtime/index.ts";
import type { Key } from "../../batch.ts";
import { blockBits, blockEntries, type EntryBlock } from "./entry-block.ts";
import {
  heapValue,
  isKeyInRecord,
  narrowKey,
  numberKey,
  numberValue,
  packedValue,
  plainOfKind,
  recordOf,
  undefinedValue,
} from "./entry-kinds.ts";
import { keyByteCountAt } from "./key-bytes.ts";
import type { RecordArena } from "./record-arena.ts";

/** What a snapshot says of entries. */
export interface ToldEntries {
  /** Names them in the error about a value that is no plain data, as in `state "a"`. */
  readonly title: string;
  /** Told in front of a value. */
  before?(pieces: PlainPieces): void;
  /** Told behind it. @param side the number beside the value; NaN for none */
  behind?(pieces: PlainPieces, side: number): void;
  /** Nothing but that number is told. */
  readonly isSide?: boolean;
  /** Of collections: what is told of a key that has no value in the table. */
  readonly ofHeld?: ((key: Key) => unknown) | undefined;
}

export class EntryEncoder {
  readonly #blocks: readonly (EntryBlock | undefined)[];
  readonly #arena: RecordArena;
  readonly #heap: readonly unknown[];
  readonly #keyAt: (entry: number) => Key;

  constructor(
    blocks: readonly (EntryBlock | undefined)[],
    arena: RecordArena,
    heap: readonly unknown[],
    keyAt: (entry: number) => Key,
  ) {
    this.#blocks = blocks;
    this.#arena = arena;
    this.#heap = heap;
    this.#keyAt = keyAt;
  }

  keys(entries: readonly number[]): EncodedValues {
    return encodeValues(entries.length, (pieces) => {
      for (let index = 0; index < entries.length; index += 1) this.#putKey(pieces, entries[index] as number);
    });
  }

  values(entries: readonly number[], told: ToldEntries): EncodedValues {
    return encodeValues(entries.length, (pieces) => {
      for (let index = 0; index < entries.length; index += 1) {
        const entry = entries[index] as number;
        told.before?.(pieces);
        this.#putValue(pieces, entry, told);
        told.behind?.(pieces, this.#sideOf(entry));
      }
    });
  }

  #putKey(pieces: PlainPieces, entry: number): void {
    const block = this.#blocks[entry >>> blockBits] as EntryBlock;
    const slot = entry & (blockEntries - 1);
    const number = block.numbers[2 * slot] as number;
    const kind = (block.kinds[slot] as number) & 7;
    if (kind === numberKey) return pieces.number(number);
    if (kind === narrowKey) {
      const slab = this.#arena.slabOf(number);
      const start = this.#arena.startOf(number);
      const end = start + keyByteCountAt(slab, start);
      // Its length is one byte, or it is too long.
      if (pieces.ascii(slab.bytes, start + 1, end)) return;
    }
    pieces.any(this.#keyAt(entry));
  }

  #putValue(pieces: PlainPieces, entry: number, told: ToldEntries): void {
    const block = this.#blocks[entry >>> blockBits] as EntryBlock;
    const slot = entry & (blockEntries - 1);
    const kind = block.kinds[slot] as number;
    const valueKind = kind >> 3;
    if (valueKind === undefinedValue && told.ofHeld !== undefined) {
      const key = this.#keyAt(entry);
      return putChecked(pieces, told.ofHeld(key), told.title, () => key);
    }
    if (told.isSide === true) return pieces.number(this.#sideOf(entry));
    if (valueKind === numberValue) return pieces.number(block.numbers[2 * slot + 1] as number);
    if (valueKind === packedValue) {
      const place = recordOf(block, slot);
      const slab = this.#arena.slabOf(place);
      const start = this.#arena.startOf(place);
      const from = isKeyInRecord(kind) ? start + keyByteCountAt(slab, start) : start;
      return pieces.encoded(slab.bytes, from, start + this.#arena.lengthOf(place));
    }
    if (valueKind === heapValue) {
      const value = this.#heap[block.numbers[2 * slot + 1] as number];
      return putChecked(pieces, value, told.title, () => this.#keyAt(entry));
    }
    pieces.any(plainOfKind[valueKind]);
  }

  #sideOf(entry: number): number {
    const { sides } = this.#blocks[entry >>> blockBits] as EntryBlock;
    return sides === undefined ? Number.NaN : (sides[entry & (blockEntries - 1)] as number);
  }
}

/** Throws ERR_RT_NOT_PLAIN_DATA. */
function putChecked(pieces: PlainPieces, value: unknown, title: string, keyOf: () => Key): void {
  try {
    pieces.any(value);
  } catch (error) {
    assertPlainData(value, `${title} of key ${printValue(keyOf())}`);
    throw error;
  }
}
