/** EntryKinds: of which kinds the key and the value of an entry of a packed table are, and where its record is. */

import type { EntryBlock } from "./entry-block.ts";

/** Kinds of keys, in the lower three bits of a kind; 0 is that of no entry. Those from `narrowKey` to `bigKey` are in a record. */
export const numberKey = 1;
export const booleanKey = 2;
export const narrowKey = 3;
export const wideKey = 4;
export const bigKey = 5;
export const heapKey = 6;

/** Kinds of values, above them; those behind `undefinedValue` and in front of `packedValue` are of `plainOfKind`, too. */
export const numberValue = 0;
export const undefinedValue = 1;
export const packedValue = 5;
export const heapValue = 6;

/** By kind, what needs nothing else. The number is not it. */
export const plainOfKind: readonly unknown[] = [0, undefined, null, false, true];

export function isKeyInRecord(kind: number): boolean {
  const keyKind = kind & 7;
  return keyKind >= narrowKey && keyKind <= bigKey;
}

/** The place of the record of an entry; -1 for none (P2 of the table). */
export function recordOf(block: EntryBlock, slot: number): number {
  const kind = block.kinds[slot] as number;
  if (isKeyInRecord(kind)) return block.numbers[2 * slot] as number;
  return kind >> 3 === packedValue ? (block.numbers[2 * slot + 1] as number) : -1;
}
