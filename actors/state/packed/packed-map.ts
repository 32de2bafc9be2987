/**
 * PackedMap: a Map of many values by key, outside of the heap, for as long as state is on its way from a checkpoint to who keeps it.
 * What it gives are copies. A pair of a number and a number or nothing, which is what folds store, takes no more than the number.
 */

import type { Key } from "../../batch.ts";
import { objectKeysMax } from "./object-keys.ts";
import { PackedTable } from "./packed-table.ts";

/** Beside the first of a pair, for nothing. */
const nothing = Number.NEGATIVE_INFINITY;

/** The map itself, or, with more keys than state of objects has, another one that holds the same. */
export function packedIfLarge(map: Map<Key, unknown> | PackedMap): Map<Key, unknown> | PackedMap {
  if (map instanceof PackedMap || map.size <= objectKeysMax()) return map;
  const packed = new PackedMap();
  for (const [key, value] of map) packed.set(key, value);
  return packed;
}

export class PackedMap implements ReadonlyMap<Key, unknown> {
  readonly #table = new PackedTable();

  get size(): number {
    return this.#table.size;
  }

  set(key: Key, value: unknown): this {
    const isPair = isPackedPair(value);
    const kept = isPair ? value[0] : value;
    const found = this.#table.find(key);
    if (found >= 0) this.#table.setValue(found, kept);
    const entry = found >= 0 ? found : this.#table.add(key, kept);
    this.#table.setSide(entry, isPair ? (value[1] ?? nothing) : Number.NaN);
    return this;
  }

  delete(key: Key): boolean {
    const entry = this.#table.find(key);
    if (entry >= 0) this.#table.remove(entry);
    return entry >= 0;
  }

  get(key: Key): unknown {
    const entry = this.#table.find(key);
    return entry < 0 ? undefined : this.#valueOf(entry);
  }

  has(key: Key): boolean {
    return this.#table.find(key) >= 0;
  }

  forEach(take: (value: unknown, key: Key, map: this) => void): void {
    const walk = this.#table.walk();
    for (let entry = walk.next(); entry >= 0; entry = walk.next()) {
      take(this.#valueOf(entry), this.#table.keyOf(entry), this);
    }
  }

  *keys(): MapIterator<Key> {
    const walk = this.#table.walk();
    for (let entry = walk.next(); entry >= 0; entry = walk.next()) yield this.#table.keyOf(entry);
  }

  *values(): MapIterator<unknown> {
    for (const [, value] of this) yield value;
  }

  *entries(): MapIterator<[Key, unknown]> {
    const walk = this.#table.walk();
    for (let entry = walk.next(); entry >= 0; entry = walk.next()) {
      yield [this.#table.keyOf(entry), this.#valueOf(entry)];
    }
  }

  [Symbol.iterator](): MapIterator<[Key, unknown]> {
    return this.entries();
  }

  #valueOf(entry: number): unknown {
    const value = this.#table.valueOf(entry);
    const side = this.#table.sideOf(entry);
    return Number.isNaN(side) ? value : [value, side === nothing ? undefined : side];
  }
}

function isPackedPair(value: unknown): value is readonly [number, number | undefined] {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== "number") return false;
  return value[1] === undefined || (typeof value[1] === "number" && value[1] > nothing);
}
