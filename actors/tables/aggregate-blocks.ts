/**
 * AggregateBlocks: the aggregate of the rows of one group, where it cannot take a row back out (min, max). Rows stand in blocks
 * in the order in which they came; a tree above them holds what the blocks are together, so that a change costs one block and
 * the way up: the sums of a segment tree, with `merge` for addition. An aggregate without `merge` is made anew from all rows.
 *
 * Invariant
 *  B1  `total` is what adding all rows gives, in the order in which they came; a row that changes keeps its place.
 *
 * Known from the rows alone, and therefore not part of a snapshot.
 */

import { assert } from "../../runtime/index.ts";
import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import { aggregateBlockRows } from "../limits.ts";

interface Block<E> {
  readonly rows: Map<Key, E>;
  /** How many were put in, those that went included. */
  filled: number;
}

export class AggregateBlocks<E, A> {
  readonly #aggregate: Aggregate<E, A, unknown>;
  readonly #rowsMax: number;
  #blocks: Block<E>[] = [];
  readonly #blockOf = new Map<Key, number>();
  /** A tree in an array: the children of `i` are `2i` and `2i + 1`, the leaves are the blocks; undefined for no row. */
  #tree: (A | undefined)[] = [];
  #leafCount = 1;

  /** @param rows that are there already, in the order in which they came */
  constructor(aggregate: Aggregate<E, A, unknown>, rows: ReadonlyMap<Key, E> = new Map()) {
    this.#aggregate = aggregate;
    this.#rowsMax = aggregate.merge === undefined ? Number.POSITIVE_INFINITY : aggregateBlockRows;
    this.#fill(rows);
  }

  /** The accumulator of all rows, not to be changed; undefined for none. */
  get total(): A | undefined {
    return this.#tree[1];
  }

  /**
   * The row of a key is another one now, where undefined is no row. Throws what the aggregate throws: nothing is known then of
   * what is here, make a new one.
   */
  set(key: Key, row: E | undefined): void {
    const at = this.#blockOf.get(key);
    if (row === undefined) {
      assert(at !== undefined, "B1: what goes is there");
      return this.#remove(key, at);
    }
    if (at === undefined) return this.#append(key, row);
    this.#blocks[at]?.rows.set(key, row);
    this.#refresh(at);
  }

  #append(key: Key, row: E): void {
    const last = this.#blocks.length - 1;
    const block = this.#blocks[last];
    if (block === undefined || block.filled >= this.#rowsMax) {
      this.#blocks.push({ rows: new Map([[key, row]]), filled: 1 });
      this.#blockOf.set(key, last + 1);
      if (this.#blocks.length > this.#leafCount) return this.#build();
      return this.#refresh(last + 1);
    }
    block.rows.set(key, row);
    block.filled += 1;
    this.#blockOf.set(key, last);
    const place = this.#leafCount + last;
    const sum = this.#tree[place];
    this.#tree[place] = this.#aggregate.add(sum === undefined ? this.#aggregate.create() : sum, row);
    this.#climb(place);
  }

  #remove(key: Key, at: number): void {
    this.#blocks[at]?.rows.delete(key);
    this.#blockOf.delete(key);
    // Blocks that have become empty would make the tree grow for ever.
    if (this.#blocks.length > 1 && this.#blockOf.size * 4 < this.#blocks.length * this.#rowsMax) {
      return this.#fill(new Map(this.#blocks.flatMap(({ rows }) => [...rows])));
    }
    this.#refresh(at);
  }

  #fill(rows: ReadonlyMap<Key, E>): void {
    this.#blocks = [];
    this.#blockOf.clear();
    for (const [key, row] of rows) {
      let block = this.#blocks.at(-1);
      if (block === undefined || block.filled >= this.#rowsMax) {
        block = { rows: new Map(), filled: 0 };
        this.#blocks.push(block);
      }
      block.rows.set(key, row);
      block.filled += 1;
      this.#blockOf.set(key, this.#blocks.length - 1);
    }
    this.#build();
  }

  #build(): void {
    this.#leafCount = 1;
    while (this.#leafCount < this.#blocks.length) this.#leafCount *= 2;
    this.#tree = new Array(2 * this.#leafCount).fill(undefined);
    for (const [index, block] of this.#blocks.entries()) this.#tree[this.#leafCount + index] = this.#sumOf(block);
    for (let place = this.#leafCount - 1; place >= 1; place -= 1) this.#tree[place] = this.#joined(place);
  }

  #refresh(at: number): void {
    const place = this.#leafCount + at;
    const block = this.#blocks[at];
    assert(block !== undefined, "B1: a row is in a block");
    this.#tree[place] = this.#sumOf(block);
    this.#climb(place);
  }

  #climb(leaf: number): void {
    for (let place = leaf >> 1; place >= 1; place >>= 1) this.#tree[place] = this.#joined(place);
  }

  #sumOf({ rows }: Block<E>): A | undefined {
    if (rows.size === 0) return undefined;
    let sum = this.#aggregate.create();
    for (const row of rows.values()) sum = this.#aggregate.add(sum, row);
    return sum;
  }

  #joined(place: number): A | undefined {
    const left = this.#tree[2 * place];
    const right = this.#tree[2 * place + 1];
    const { merge } = this.#aggregate;
    assert(merge !== undefined || right === undefined, "B1: an aggregate that cannot be merged has one block");
    if (left === undefined || merge === undefined) return left ?? right;
    if (right === undefined) return left;
    return this.#aggregate.merge?.(this.#aggregate.merge(this.#aggregate.create(), left), right);
  }
}
