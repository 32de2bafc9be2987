/**
 * HeldCells: cells of packed state that are objects for now. Those that have changed lately are *warm*, until their owner packs them;
 * others, of collections, stay, as they cannot be packed.
 *
 * Which warm cell is to be packed first is found by a clock (Corbató, "A paging experiment with the Multics system", 1968): a hand goes round, and
 * passes by those that were changed since it was there last.
 *
 * Invariant
 *  Q2  of the cells of a key it has the one that was held last.
 */

import type { Key } from "../../batch.ts";

/** More than one, so that there are fewer when the bound is lower than it was. */
const packsAtOnce = 2;

/** Of a cell: not warm, or how warm. */
export const cold = 0;
/** Warm, and packed as it is. */
const clean = 1;
/** Warm, and changed since it was packed, if ever. */
const changed = 2;
/** The same since the hand of the clock was there. */
export const hot = 3;

interface Holdable {
  readonly key: Key;
  /** The snapshot to come when it changed last. */
  stamp: number;
  warmth: number;
}

export class HeldCells<C extends Holdable> {
  readonly #cells: Map<Key, C>;
  /** Undefined where all are. */
  readonly #warm: Set<C> | undefined;
  /** What becomes warm while it goes through is met. */
  #hand: Iterator<C, unknown>;

  private constructor(cells: Map<Key, C>, warm: Set<C> | undefined) {
    this.#cells = cells;
    this.#warm = warm;
    this.#hand = this.#allWarm.values();
  }

  /** Of collections. */
  static ofCollections<C extends Holdable>(): HeldCells<C> {
    return new HeldCells(new Map(), new Set());
  }

  /** Of values: these, all of which are warm, as are those that follow. The map is its own from here on. */
  static ofValues<C extends Holdable>(cells: Map<Key, C>): HeldCells<C> {
    for (const cell of cells.values()) cell.warmth = changed;
    return new HeldCells(cells, undefined);
  }

  get #allWarm(): Map<Key, C> | Set<C> {
    return this.#warm ?? this.#cells;
  }

  get size(): number {
    return this.#cells.size;
  }

  get(key: Key): C | undefined {
    return this.#cells.get(key);
  }

  /** Lets `pack` pack those that have changed since the last snapshot, as `stamp` says; they stay warm. */
  packChanged(stamp: number, pack: (cell: C) => void): void {
    for (const cell of this.#allWarm.values()) {
      if (cell.warmth === clean || cell.stamp !== stamp) continue;
      pack(cell);
      cell.warmth = clean;
    }
  }

  /** The cell changes: what is packed of it does not count any more. */
  warm(cell: C): void {
    this.stay(cell);
    this.#warm?.add(cell);
    cell.warmth = hot;
  }

  /** The cell is kept as it is. */
  stay(cell: C): void {
    const before = this.#cells.get(cell.key);
    if (before !== undefined) this.#cool(before);
    this.#cells.set(cell.key, cell);
  }

  /** What is packed counts, or the key has no cell any more. */
  release(key: Key): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) return;
    this.#cells.delete(key);
    this.#cool(cell);
  }

  /** Lets `pack` pack a few of those that are warm, until there are fewer than `max`, or none: what it packs it releases, or lets stay. */
  makeRoom(max: number, pack: (cell: C) => void): void {
    for (let packs = 0; packs < packsAtOnce && this.#allWarm.size >= max && this.#allWarm.size > 0; packs += 1) {
      const cell = this.#coolest();
      if (cell.warmth === clean) this.release(cell.key);
      else pack(cell);
    }
  }

  /** Of those that are warm, of which there are any, the one that is to be packed first. */
  #coolest(): C {
    while (true) {
      const { done, value } = this.#hand.next();
      if (done === true) this.#hand = this.#allWarm.values();
      else if (value.warmth === hot) value.warmth = changed;
      else return value;
    }
  }

  /** Those that are warm, and are not any more; they are still held. */
  takeWarm(): readonly C[] {
    const cells = [...this.#allWarm.values()];
    for (const cell of cells) cell.warmth = cold;
    this.#warm?.clear();
    return cells;
  }

  #cool(cell: C): void {
    if (cell.warmth === cold) return;
    this.#warm?.delete(cell);
    cell.warmth = cold;
  }
}
