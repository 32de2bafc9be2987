/**
 * MapCell: the map of one key, which knows what changed in it since the last snapshot. A map that is new is told as a whole, and
 * so is one of which most has changed, and one with keys that are objects: those are not the same after a restore.
 *
 * Invariant
 *  C1  the map at the last snapshot, changed by `takeChange`, is the map as it is now.
 */

import type { Key } from "../batch.ts";
import { packedPiecesMax } from "../limits.ts";
import { KeyedCell } from "./keyed-state.ts";
import { MapChange } from "./map-change.ts";
import type { CellKind } from "./state-table.ts";

export class MapCell<K, V> extends KeyedCell<Map<K, V>> {
  /** Keys of entries that changed, true for those that were removed meanwhile; undefined: told as a whole. */
  #touched: Map<K, boolean> | undefined;

  /** @param touched what has changed since the last snapshot, as of another cell; undefined where the key had no map */
  constructor(key: Key, map: Map<K, V>, touched?: Map<K, boolean>) {
    super(key, map);
    this.#touched = touched;
  }

  /** What has changed since the last snapshot, for another cell; undefined: told as a whole. */
  get touched(): Map<K, boolean> | undefined {
    return this.#touched;
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

/** A map that is packed, and what has changed in it; that is of the past where the table says that nothing has. */
type KeptMap = Map<unknown, unknown> | [map: Map<unknown, unknown>, touched: Map<unknown, boolean> | undefined];

/** How a table keeps maps. */
export const mapCells: CellKind<Map<unknown, unknown>, MapCell<unknown, unknown>> = {
  added: (key, map) => new MapCell(key, map),
  restored: (key, map) => new MapCell(key, map, new Map()),
  told: (cell) => cell.takeChange(),
  packing: {
    keptOf: ({ value, touched }): KeptMap => (touched?.size === 0 ? value : [value, touched]),
    sideOf: () => Number.NaN,
    staysObject: ({ value }) => staysObject(value),
    unpacked: (key, stored, _side, hasChanged) => {
      const kept = stored as KeptMap;
      const [map, touched] = kept instanceof Map ? [kept, new Map()] : kept;
      return new MapCell(key, map, hasChanged ? touched : new Map());
    },
  },
};

/** A map that is large, or has keys that are objects: those would be others. */
export function staysObject(map: ReadonlyMap<unknown, unknown>): boolean {
  return map.size > packedPiecesMax || map.keys().some((key) => typeof key === "object" && key !== null);
}
