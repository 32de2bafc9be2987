/**
 * KeyedState: what an operator remembers per key. One mutable cell per key, so that changing state costs one look-up.
 *
 * What changed since the last snapshot is told by a stamp on each cell, compared with the number of the snapshot to
 * come: a cell is noted once, however often it changes.
 *
 * Invariants
 *  K1  a key has at most one cell; two keys are the same when they are `===`.
 *  K2  a cell's value is only changed by `write`, which therefore sees every change.
 *  K3  `takeChanged` returns every cell that was added, written or removed since the call before, once; a cell that was
 *      removed comes before the one that took its place.
 *
 * Not here: what the values mean (operators/), which instance owns a key (groupings/key-hash.ts).
 */

import { assert, mutated } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";

/** The state of one key. Operators that keep more beside it extend this. */
export class KeyedCell<S> {
  readonly key: Key;
  value: S;
  /** The snapshot to come when it changed last. */
  stamp = 0;
  /** False once it was removed. */
  present = true;

  constructor(key: Key, value: S) {
    this.key = key;
    this.value = value;
  }
}

export class KeyedState<S, C extends KeyedCell<S> = KeyedCell<S>> {
  readonly #cells = new Map<Key, C>();
  /** Of the snapshot to come. While changes are not noted it is 0, like that of every cell. */
  #stamp: number;
  #changed: C[] = [];

  /** @param tracked whether changes are noted from the start, or only after `track` */
  constructor(tracked = true) {
    this.#stamp = tracked ? 1 : 0;
  }

  get size(): number {
    return this.#cells.size;
  }

  find(key: Key): C | undefined {
    return this.#cells.get(key);
  }

  /** Takes in the first cell of a key. */
  add(cell: C): void {
    assert(!this.#cells.has(cell.key), "K1: a key has at most one cell");
    this.#cells.set(cell.key, cell);
    if (cell.stamp !== this.#stamp) this.#note(cell);
  }

  /** Takes in a cell as it was at a snapshot: it has not changed since. */
  restore(cell: C): void {
    this.#cells.set(cell.key, cell);
  }

  write(cell: C, value: S): void {
    cell.value = value;
    if (cell.stamp !== this.#stamp) this.#note(cell);
  }

  /** The key has no cell any more. */
  remove(cell: C): void {
    this.#cells.delete(cell.key);
    cell.present = false;
    if (cell.stamp !== this.#stamp) this.#note(cell);
  }

  /** All cells, in the order in which their keys were first seen. */
  cells(): MapIterator<C> {
    return this.#cells.values();
  }

  /** From now on changes are noted. Who takes no snapshots must not, or what is removed would be kept. */
  track(): void {
    if (this.#stamp === 0) this.#stamp = 1;
  }

  /** The cells that changed since the last call. */
  takeChanged(): readonly C[] {
    const changed = this.#changed;
    this.#changed = [];
    if (this.#stamp > 0 && !mutated("state.noted-once")) this.#stamp += 1;
    return changed;
  }

  #note(cell: C): void {
    cell.stamp = this.#stamp;
    this.#changed.push(cell);
  }
}
