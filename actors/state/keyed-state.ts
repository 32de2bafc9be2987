/**
 * KeyedState: what an operator remembers per key. One mutable cell per key, so that changing state costs one look-up.
 *
 * What changed since the last snapshot is told by a stamp on each cell, compared with the number of the snapshot to
 * come: a cell is noted once, however often it changes.
 *
 * Invariants
 *  K1  a key has at most one cell; two keys are the same when they are `===`.
 *  K2  a cell's value is only changed by `write`, which therefore sees every change.
 *  K3  `takeChanged` returns every cell that was added or written since the call before, once.
 *
 * Not here: what the values mean (operators/), which instance owns a key (groupings/key-hash.ts).
 */

import { assert } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";

/** The state of one key. Operators that keep more beside it extend this. */
export class KeyedCell<S> {
  readonly key: Key;
  value: S;
  /** The snapshot to come when it changed last. */
  stamp = 0;

  constructor(key: Key, value: S) {
    this.key = key;
    this.value = value;
  }
}

export class KeyedState<S, C extends KeyedCell<S> = KeyedCell<S>> {
  readonly #cells = new Map<Key, C>();
  #stamp = 1;
  #changed: C[] = [];

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
    this.#note(cell);
  }

  /** Takes in a cell as it was at a snapshot: it has not changed since. */
  restore(cell: C): void {
    this.#cells.set(cell.key, cell);
  }

  write(cell: C, value: S): void {
    cell.value = value;
    if (cell.stamp !== this.#stamp) this.#note(cell);
  }

  /** All cells, in the order in which their keys were first seen. */
  cells(): IterableIterator<C> {
    return this.#cells.values();
  }

  /** The cells that changed since the last call. */
  takeChanged(): readonly C[] {
    const changed = this.#changed;
    this.#changed = [];
    this.#stamp += 1;
    return changed;
  }

  #note(cell: C): void {
    cell.stamp = this.#stamp;
    this.#changed.push(cell);
  }
}
