/** StateViews: the kinds of state, each as what it means over a table. What is changed in place is written to be noted. */

import type { Key } from "../batch.ts";
import { checkPlainResult } from "../operators/plain-function.ts";
import type { ExpiringMapTable } from "./expiring-map-table.ts";
import type { KeyedCell } from "./keyed-state.ts";
import type { MapCell } from "./map-cell.ts";
import type { ListState, MapState, ReducingState, StateOfKeys, ValueState } from "./operator-state.ts";
import type { StateTable } from "./state-table.ts";

class View<S, C extends KeyedCell<S> = KeyedCell<S>> implements StateOfKeys<S> {
  readonly table: StateTable<S, C>;

  constructor(table: StateTable<S, C>) {
    this.table = table;
  }

  clear(): void {
    this.table.remove();
  }

  keys(): IterableIterator<Key> {
    return this.table.cells().map(({ key }) => key);
  }

  entries(): IterableIterator<[Key, S]> {
    return this.table.cells().map(({ key, value }): [Key, S] => [key, value]);
  }

  at(key: Key): S | undefined {
    return this.table.at(key);
  }
}

export class ValueView<T> extends View<T> implements ValueState<T> {
  readonly #initial: ((key: Key) => T) | undefined;

  constructor(table: StateTable<T>, initial: ((key: Key) => T) | undefined) {
    super(table);
    this.#initial = initial;
  }

  get(): T | undefined {
    const cell = this.table.find();
    if (cell !== undefined) return cell.value;
    if (this.#initial === undefined) return undefined;
    const value = this.#initial(this.table.keyInHand());
    checkPlainResult(`state ${JSON.stringify(this.table.name)}: initial`, value);
    return value;
  }

  set(value: T): void {
    this.table.write(value);
  }
}

const nothing: readonly never[] = [];

export class ListView<T> extends View<readonly T[]> implements ListState<T> {
  all(): readonly T[] {
    return this.table.find()?.value ?? nothing;
  }

  add(...items: readonly T[]): void {
    // Lists of the table are its own: `replace` and the first `add` make new ones.
    const list = (this.table.find()?.value ?? []) as T[];
    for (const item of items) list.push(item);
    this.table.write(list);
  }

  replace(items: readonly T[]): void {
    this.table.write([...items]);
  }
}

export class MapView<K, V> extends View<Map<K, V>, MapCell<K, V>> implements MapState<K, V> {
  get size(): number {
    return this.#map()?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.#map()?.get(key);
  }

  has(key: K): boolean {
    return this.#map()?.has(key) ?? false;
  }

  set(key: K, value: V): void {
    const cell = this.table.find();
    cell?.touch(key, false);
    this.table.write(cell === undefined ? new Map([[key, value]]) : cell.value.set(key, value));
  }

  delete(key: K): boolean {
    const cell = this.table.find();
    if (cell === undefined || !cell.value.delete(key)) return false;
    cell.touch(key, true);
    if (cell.value.size === 0) this.table.remove();
    else this.table.write(cell.value);
    return true;
  }

  all(): ReadonlyMap<K, V> {
    return this.#map() ?? new Map<K, V>();
  }

  #map(): Map<K, V> | undefined {
    return this.table.find()?.value;
  }
}

/** A map whose entries have a time to live. */
export class ExpiringMapView<K, V> extends MapView<K, V> {
  readonly #entries: ExpiringMapTable<K, V>;

  constructor(table: ExpiringMapTable<K, V>) {
    super(table as unknown as StateTable<Map<K, V>, MapCell<K, V>>);
    this.#entries = table;
  }

  override get size(): number {
    return this.#entries.whole().size;
  }

  override get(key: K): V | undefined {
    return this.#entries.withEntry(key)?.get(key);
  }

  override has(key: K): boolean {
    return this.#entries.withEntry(key) !== undefined;
  }

  override set(key: K, value: V): void {
    this.#entries.put(key, value);
  }

  override delete(key: K): boolean {
    return this.#entries.withEntry(key) !== undefined && super.delete(key);
  }

  override all(): ReadonlyMap<K, V> {
    return this.#entries.whole();
  }
}

export class ReducingView<T> extends View<T> implements ReducingState<T> {
  readonly #step: (value: T, event: T) => T;

  constructor(table: StateTable<T>, step: (value: T, event: T) => T) {
    super(table);
    this.#step = step;
  }

  get(): T | undefined {
    return this.table.find()?.value;
  }

  add(event: T): void {
    const cell = this.table.find();
    const value = cell === undefined ? event : this.#step(cell.value, event);
    checkPlainResult(`state ${JSON.stringify(this.table.name)}: step`, value);
    this.table.write(value);
  }
}
