/**
 * ExpiringMapTable: maps, each entry of which has a time to live of its own. A map without entries is no piece any more.
 *
 * Invariants: those of ExpiringTable, of entries.
 */

import type { Key } from "../batch.ts";
import type { KeyedCell } from "./keyed-state.ts";
import { MapCell } from "./map-cell.ts";
import { expiryKindOf } from "./state-form.ts";
import type { StateDeclaration } from "./state-migration.ts";
import { type CellKind, type StateScope, StateTable } from "./state-table.ts";
import { type CheckedTtl, StateTtl, StateTtlError, type Sweeping, unknownUntil } from "./state-ttl.ts";

class ExpiringMapCell<K, V> extends MapCell<K, V> {
  /** When its entries run out, noted for snapshots like the map itself. */
  untils: MapCell<K, number>;

  constructor(key: Key, map: Map<K, V>, isStored: boolean) {
    super(key, map, isStored);
    this.untils = new MapCell(key, new Map(), false);
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
  /** The map that a sweep is in. */
  #mapInSweep: { readonly cell: ExpiringMapCell<K, V>; readonly keys: MapIterator<K> } | undefined;

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
  }

  sweep(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const { cell, keys } = this.#mapInSweep ?? {};
      const at = cell?.present ? keys?.next() : undefined;
      if (at !== undefined && !at.done) {
        this.#isLiveUnread(cell!, at.value, this.ttl.now());
        continue;
      }
      this.#mapsToSweep ??= this.pieces();
      const { value: next } = this.#mapsToSweep.next();
      this.#mapInSweep = next === undefined ? undefined : { cell: next, keys: next.value.keys() };
      if (next !== undefined) continue;
      this.#mapsToSweep = undefined;
      return;
    }
  }

  protected override shown(cell: ExpiringMapCell<K, V>): KeyedCell<Map<K, V>> | undefined {
    const now = this.ttl.now();
    const isOver = (key: K): boolean => cell.until(key) <= now;
    if (!cell.value.keys().some(isOver)) return cell;
    const live = [...cell.value].filter(([key]) => !isOver(key));
    return live.length === 0 ? undefined : new MapCell(cell.key, new Map(live), false);
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
    added: (key, map) => new ExpiringMapCell(key, map, false),
    restored: (key, map) => new ExpiringMapCell(key, map, true),
    told: (cell) => cell.takeChange(),
    expiry: {
      kind: expiryKindOf(`${time} time by entry`),
      told: (cell) => cell.untils.takeChange(),
      restore: (cell, stored) => {
        const untils = stored as Map<unknown, number>;
        cell.untils = new MapCell(cell.key, untils, true);
        // What a migration has taken out of the map.
        for (const key of [...untils.keys()]) if (!cell.value.has(key)) cell.touch(key, true);
      },
    },
  };
}
