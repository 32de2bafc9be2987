/**
 * BlockList: the blocks of a table in the order of their entries, and by number. Blocks of which little is left become one.
 *
 * Invariants
 *  P1  of two neighbouring blocks, the last one aside, more than half of one is there.
 */

import { blockBits, blockEntries, EntryBlock, noKind } from "./entry-block.ts";

export class BlockList {
  readonly byNumber: (EntryBlock | undefined)[] = [];
  readonly #moves: (block: EntryBlock, slot: number, next: number) => void;
  readonly #freeNumbers: number[] = [];
  #first: EntryBlock;
  #last: EntryBlock;

  /** @param moves told that an entry will be at another place next, which has the number `next` */
  constructor(moves: (block: EntryBlock, slot: number, next: number) => void) {
    this.#moves = moves;
    this.#first = this.#newBlock();
    this.#last = this.#first;
  }

  get first(): EntryBlock {
    return this.#first;
  }

  /** The last block, which has room for one more entry. */
  lastWithRoom(): EntryBlock {
    const before = this.#last;
    if (before.used < blockEntries) return before;
    const block = this.#newBlock();
    before.next = block;
    block.previous = before;
    this.#last = block;
    this.shrink(before);
    return block;
  }

  /** P1: an entry of the block has gone, or it is the last one no more. */
  shrink(block: EntryBlock): void {
    const { previous, next } = block;
    if (next === undefined) return;
    if (block.live === 0) {
      this.#replace([block], next);
      if (previous !== undefined) this.#mergeIfSmall(previous, next);
    } else if (!this.#mergeIfSmall(block, next) && previous !== undefined) {
      this.#mergeIfSmall(previous, block);
    }
  }

  *[Symbol.iterator](): Generator<EntryBlock> {
    for (let block: EntryBlock | undefined = this.#first; block !== undefined; block = block.next) yield block;
  }

  #mergeIfSmall(left: EntryBlock, right: EntryBlock): boolean {
    if (right === this.#last || left.live + right.live > blockEntries / 2) return false;
    const merged = this.#newBlock();
    for (const block of [left, right]) {
      block.successor = merged;
      block.successorFrom = merged.used;
      for (let slot = 0; slot < block.used; slot += 1) {
        if (block.kinds[slot] === noKind) continue;
        this.#moves(block, slot, (merged.number << blockBits) | merged.used);
        merged.take(block, slot);
      }
    }
    merged.next = right.next;
    this.#replace([left, right], merged);
    return true;
  }

  /** Neighbours, which are no more, by the block behind them, or by one that has their entries. */
  #replace(gone: readonly EntryBlock[], block: EntryBlock): void {
    for (const one of gone) {
      one.successor ??= block;
      this.byNumber[one.number] = undefined;
      this.#freeNumbers.push(one.number);
    }
    block.previous = gone[0]?.previous;
    if (block.previous === undefined) this.#first = block;
    else block.previous.next = block;
    if (block.next !== undefined) block.next.previous = block;
  }

  #newBlock(): EntryBlock {
    const block = new EntryBlock(this.#freeNumbers.pop() ?? this.byNumber.length);
    this.byNumber[block.number] = block;
    return block;
  }
}
