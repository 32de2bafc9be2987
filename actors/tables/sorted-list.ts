/**
 * SortedList: items in a total order, in an array: binary search finds a place, and what is behind it moves by one, which is
 * a copy of memory and fast for as many rows as one group has.
 *
 * Where the order contradicts itself an item is not found again: who removes one looks at what it found.
 */

import { assert } from "../../runtime/index.ts";

export class SortedList<T> {
  readonly #items: T[];
  readonly #compare: (left: T, right: T) => number;

  /** @param compare a total order: 0 only for the same item */
  constructor(compare: (left: T, right: T) => number, items: Iterable<T> = []) {
    this.#compare = compare;
    this.#items = [...items].sort(compare);
  }

  get length(): number {
    return this.#items.length;
  }

  at(index: number): T | undefined {
    return this.#items[index];
  }

  /** The first index whose item `isBehind`; `length` for none. `isBehind` is false up to some item, and true from there on. */
  firstIndex(isBehind: (item: T) => boolean): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBehind(this.#items[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Where an item is, or would be. */
  placeOf(item: T): number {
    return this.firstIndex((other) => this.#compare(other, item) >= 0);
  }

  /** Puts in an item at the place that `placeOf` returned. */
  insertAt(place: number, item: T): void {
    this.#items.splice(place, 0, item);
  }

  removeAt(place: number): void {
    assert(place < this.#items.length, "what is removed is there");
    this.#items.splice(place, 1);
  }
}
