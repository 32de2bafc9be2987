/**
 * HeldCells: cells of packed state that are objects for now. Those that have changed lately are *warm*, until their owner packs them;
 * others stay, as they cannot be packed.
 *
 * Invariant
 *  Q2  of the cells of a key it has the one that was held last.
 */

import type { Key } from "../../batch.ts";

export class HeldCells<C extends { readonly key: Key }> {
  readonly #cells = new Map<Key, C>();
  readonly #warm = new Set<C>();

  get warmCount(): number {
    return this.#warm.size;
  }

  get(key: Key): C | undefined {
    return this.#cells.get(key);
  }

  isWarm(cell: C): boolean {
    return this.#warm.has(cell);
  }

  /** The cell changes: what is packed of it does not count any more. */
  warm(cell: C): void {
    this.stay(cell);
    this.#warm.add(cell);
  }

  /** The cell is kept as it is. */
  stay(cell: C): void {
    const before = this.#cells.get(cell.key);
    if (before !== undefined) this.#warm.delete(before);
    this.#cells.set(cell.key, cell);
  }

  /** What is packed counts, or the key has no cell any more. */
  release(key: Key): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) return;
    this.#cells.delete(key);
    this.#warm.delete(cell);
  }

  /** Those that are warm, and are not any more; they are still held. */
  takeWarm(): readonly C[] {
    const cells = [...this.#warm];
    this.#warm.clear();
    return cells;
  }
}
