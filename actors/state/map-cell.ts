/**
 * MapCell: the map of one key, which knows what changed in it since the last snapshot. A map that is new is told as a whole, and
 * so is one of which most has changed, and one with keys that are objects: those are not the same after a restore.
 *
 * Invariant
 *  C1  the map at the last snapshot, changed by `takeChange`, is the map as it is now.
 */

import type { Key } from "../batch.ts";
import { KeyedCell } from "./keyed-state.ts";
import { MapChange } from "./map-change.ts";
import type { CellKind } from "./state-table.ts";

export class MapCell<K, V> extends KeyedCell<Map<K, V>> {
  /** Keys of entries that changed, true for those that were removed meanwhile; undefined: told as a whole. */
  #touched: Map<K, boolean> | undefined;

  /** @param isStored whether it is as it was at the last snapshot; otherwise the key had no map */
  constructor(key: Key, map: Map<K, V>, isStored: boolean) {
    super(key, map);
    this.#touched = isStored ? new Map() : undefined;
  }

  /** An entry is set or removed next. */
  touch(key: K, removes: boolean): void {
    const touched = this.#touched;
    if (touched === undefined) return;
    const isObject = typeof key === "object" && key !== null;
    // What nobody takes must not grow beyond the map.
    if (isObject || touched.size > this.value.size) this.#touched = undefined;
    else touched.set(key, removes || touched.get(key) === true);
  }

  /** What is kept as of now: what changed since the call before, or the whole map. */
  takeChange(): MapChange | Map<K, V> {
    const touched = this.#touched;
    const map = this.value;
    this.#touched = new Map();
    if (touched === undefined || touched.size * 2 > map.size) return map;
    const removed = new Set<K>();
    const entries = new Map<K, V>();
    for (const [key, wasRemoved] of touched) {
      if (wasRemoved) removed.add(key);
      const value = map.get(key);
      if (value !== undefined || map.has(key)) entries.set(key, value as V);
    }
    return new MapChange(removed, entries);
  }
}

/** How a table keeps maps. */
export const mapCells: CellKind<Map<unknown, unknown>, MapCell<unknown, unknown>> = {
  added: (key, map) => new MapCell(key, map, false),
  restored: (key, map) => new MapCell(key, map, true),
  told: (cell) => cell.takeChange(),
};
