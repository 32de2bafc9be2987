/**
 * ExpiringMapTable: maps, each entry of which has a time to live of its own. A map without entries is no piece any more.
 *
 * Invariants: those of ExpiringTable, of entries.
 */

import type { Key } from "../batch.ts";
import type { CellPacking, KeyedCell } from "./keyed-state.ts";
import { MapCell, staysObject } from "./map-cell.ts";
import { expiryKindOf } from "./state-form.ts";
import type { StateDeclaration } from "./state-migration.ts";
import { type CellKind, type StateScope, StateTable } from "./state-table.ts";
import { type CheckedTtl, StateTtl, StateTtlError, type Sweeping, unknownUntil } from "./state-ttl.ts";

class ExpiringMapCell<K, V> extends MapCell<K, V> {
  /** When its entries run out, noted for snapshots like the map itself. */
  untils: MapCell<K, number>;

  /** Where the cell has no map, as nobody asked for it: when the first of its entries runs out. */
  earliest = unknownUntil;

  constructor(key: Key, map: Map<K, V>, touched?: Map<K, boolean>) {
    super(key, map, touched);
    this.untils = new MapCell(key, new Map());
  }

  until(key: K): number {
    return this.untils.value.get(key) ?? unknownUntil;
  }

  setUntil(key: K, until: number): void {
    this.untils.touch(key, false);
    this.untils.value.set(key, until);
  }

  override touch(key: K, removes: boolean): void {
    super.touch(key, removes);
    if (removes && this.untils.value.delete(key)) this.untils.touch(key, true);
  }
}

export class ExpiringMapTable<K, V> extends StateTable<Map<K, V>, ExpiringMapCell<K, V>> implements Sweeping {
  readonly ttl: StateTtl;
  #mapsToSweep: IteratorObject<ExpiringMapCell<K, V>, undefined> | undefined;
  /** The map that a sweep is in, and those of its keys that are to be looked at; it may be packed, or gone, meanwhile. */
  #mapInSweep: { readonly key: Key; readonly keys: MapIterator<K> } | undefined;

  constructor(declaration: StateDeclaration, scope: StateScope, tracked: boolean, ttl: CheckedTtl) {
    super(declaration, scope, tracked, expiringMaps(ttl) as CellKind<Map<K, V>, ExpiringMapCell<K, V>>);
    this.ttl = new StateTtl(declaration.state, scope, ttl);
  }

  /** The map in hand, when it has an entry of that key. */
  withEntry(key: K): Map<K, V> | undefined {
    const cell = this.find();
    if (cell === undefined || !cell.value.has(key)) return undefined;
    return this.#isLive(cell, key, this.ttl.now()) ? cell.value : undefined;
  }

  /** The map in hand, with what has not run out. */
  whole(): ReadonlyMap<K, V> {
    const cell = this.find();
    const now = this.ttl.now();
    for (const key of cell?.value.keys() ?? []) this.#isLive(cell!, key, now);
    return cell?.value ?? new Map<K, V>();
  }

  put(key: K, value: V): void {
    if (typeof key === "object" && key !== null) {
      throw new StateTtlError(
        `state ${JSON.stringify(this.name)} has a time to live for each entry, and an object is not the same key after a ` +
          "restart: take a text, a number or another plain key",
        { details: { state: this.name } },
      );
    }
    const found = this.find();
    const live = found !== undefined && found.until(key) > this.ttl.now() ? found.until(key) : undefined;
    const until = this.ttl.written(live);
    found?.touch(key, false);
    const cell = this.write(found === undefined ? new Map([[key, value]]) : found.value.set(key, value));
    cell.setUntil(key, until);
    this.keep(cell);
  }

  sweep(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const now = this.ttl.now();
      const cell = this.#mapInSweep && this.pieceOf(this.#mapInSweep.key);
      const at = cell && this.#mapInSweep?.keys.next();
      if (at !== undefined && !at.done) {
        if (cell!.value.has(at.value)) this.#isLiveUnread(cell!, at.value, now);
        continue;
      }
      this.#mapInSweep = undefined;
      this.#mapsToSweep ??= this.pieces();
      const { value: next } = this.#mapsToSweep.next();
      if (next === undefined) {
        this.#mapsToSweep = undefined;
        return;
      }
      if (next.earliest > now) continue;
      this.#mapInSweep = { key: next.key, keys: this.pieceOf(next.key)!.value.keys() };
    }
  }

  protected override shown(cell: ExpiringMapCell<K, V>): KeyedCell<Map<K, V>> | undefined {
    const now = this.ttl.now();
    const isOver = (key: K): boolean => cell.until(key) <= now;
    if (!cell.value.keys().some(isOver)) return cell;
    const live = [...cell.value].filter(([key]) => !isOver(key));
    return live.length === 0 ? undefined : new MapCell(cell.key, new Map(live));
  }

  /** As `#isLive`, but only what has no expiry yet is given one. */
  #isLiveUnread(cell: ExpiringMapCell<K, V>, key: K, now: number): void {
    const until = cell.until(key);
    if (until <= now || Number.isNaN(until)) this.#isLive(cell, key, now);
  }

  #isLive(cell: ExpiringMapCell<K, V>, key: K, now: number): boolean {
    const until = cell.until(key);
    if (until <= now) {
      cell.value.delete(key);
      cell.touch(key, true);
      if (cell.value.size === 0) this.drop(cell.key);
      else this.note(cell);
      return false;
    }
    const next = this.ttl.read(until, now);
    if (next !== until && !Number.isNaN(next)) {
      cell.setUntil(key, next);
      this.note(cell);
    }
    return true;
  }
}

function expiringMaps({ time }: CheckedTtl): CellKind<Map<unknown, unknown>, ExpiringMapCell<unknown, unknown>> {
  return {
    added: (key, map) => new ExpiringMapCell(key, map),
    restored: (key, map) => new ExpiringMapCell(key, map, new Map()),
    told: (cell) => cell.takeChange(),
    packing: expiringMapPacking as CellPacking<Map<unknown, unknown>, ExpiringMapCell<unknown, unknown>>,
    expiry: {
      kind: expiryKindOf(`${time} time by entry`),
      told: (cell) => cell.untils.takeChange(),
      restore: (cell, stored) => {
        const untils = stored as Map<unknown, number>;
        cell.untils = new MapCell(cell.key, untils, new Map());
        // What a migration has taken out of the map.
        for (const key of [...untils.keys()]) if (!cell.value.has(key)) cell.touch(key, true);
      },
    },
  };
}

type Touched = Map<unknown, boolean>;
/** Behind the first two what has changed in them, where something has; undefined for all. */
type Kept = readonly [
  map: Map<unknown, unknown>,
  untils: Map<unknown, number>,
  ...([] | [touched: Touched | undefined, untilsTouched: Touched | undefined]),
];

/** The map and when its entries run out together, and beside them when the first of them does. */
const expiringMapPacking: CellPacking<unknown, ExpiringMapCell<unknown, unknown>> = {
  keptOf: ({ value, touched, untils }): Kept => {
    const isStored = touched?.size === 0 && untils.touched?.size === 0;
    return isStored ? [value, untils.value] : [value, untils.value, touched, untils.touched];
  },
  sideOf: ({ value, untils }) => {
    return untils.value.size < value.size ? unknownUntil : Math.min(...untils.value.values());
  },
  staysObject: ({ value }) => staysObject(value),
  unpacked: (key, stored, earliest, hasChanged) => {
    const kept = stored as Kept | undefined;
    const [map, untils, touched, untilsTouched] = kept ?? [new Map(), new Map()];
    const isChanged = hasChanged && kept?.length === 4;
    const cell = new ExpiringMapCell(key, map, isChanged ? touched : new Map());
    cell.untils = new MapCell(key, untils, isChanged ? untilsTouched : new Map());
    if (kept === undefined) cell.earliest = earliest;
    return cell;
  },
};
