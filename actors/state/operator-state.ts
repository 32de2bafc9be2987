/**
 * OperatorState: what a `process` operator remembers by name, as its author sees it: `context.state`. Behind `keyBy` each
 * state is one per key, that of the event in hand; otherwise one per instance. It survives a restart under at-least-once
 * and exactly-once.
 *
 * A state of a name is declared once, in `open` or when it is first used; declaring it again returns the same one, with
 * the functions it was declared with first.
 * What `get` and `all` return may be changed in place, but is only kept by `set` (or `add`, `replace`).
 *
 * Errors of every access: ERR_ACT_STATE_TTL where state that lives by event time is written and there is none, and for an object
 * as the key of a map with a time to live; ERR_ACT_STATE_OUTSIDE when neither `onEvent`, `onMessage` nor `onEnd` runs, or when there is no
 * event in hand whose key could be meant.
 *
 * Not here: how it is kept and restored (state-table.ts).
 */

import type { Key } from "../batch.ts";
import type { StateVersioning } from "./state-migration.ts";
import type { StateTtlOptions } from "./state-ttl.ts";

export interface OperatorState {
  /**
   * One value; with `initial`, that where none was set. Values are plain data: a checkpoint of any other fails with
   * ERR_RT_NOT_PLAIN_DATA, which names operator, state and key.
   *
   * With a `ttl` it is forgotten so long after it was written, or read: a read behind it finds nothing.
   * Where a checkpoint of an earlier version of the job holds it in an earlier `version`, it is migrated.
   *
   * @throws as all of these: ERR_RT_OPTION for a name, version or function that is none, ERR_ACT_ASYNC_FUNCTION,
   *   ERR_ACT_STATE_KIND when the name is taken by another kind of state, now or in the checkpoint,
   *   ERR_ACT_STATE_VERSION when the checkpoint holds a version that it cannot be made from,
   *   ERR_ACT_STATE_MIGRATION when a migration throws; the last three fail the job if they come from the checkpoint
   */
  value<T>(name: string, options: ValueStateOptions<T> & { readonly initial: (key: Key) => T }): ValueState<T, T>;
  value<T>(name: string, options?: StateOptions): ValueState<T>;
  /** Items in the order they were added; a checkpoint holds the whole list of each key that changed. */
  list<T>(name: string, options?: StateOptions): ListState<T>;
  /** Entries; what a checkpoint adds to the one before are those that changed. */
  map<K, V>(name: string, options?: StateOptions): MapState<K, V>;
  /** One value, to which `step` adds events; the first one is the value. */
  reducing<T>(name: string, step: (value: T, event: T) => T, options?: StateOptions): ReducingState<T>;
}

/** What every kind of state may be declared with. */
export interface StateOptions extends StateVersioning, StateTtlOptions {}

export interface ValueStateOptions<T> extends StateOptions {
  /** The value where none was set. */
  readonly initial?: (key: Key) => T;
}

/** What the state of all keys of the instance has in common. */
export interface StateOfKeys<S> {
  /** Forgets what it holds, for the key in hand. */
  clear(): void;
  /** The keys that have one, in the order in which they came; on input without keys `""`, which stands for the instance. */
  keys(): IterableIterator<Key>;
  /** The same keys with what is held for them. */
  entries(): IterableIterator<[Key, S]>;
  /** What is held for a key, in hand or not; undefined for nothing. */
  at(key: Key): S | undefined;
}

export interface ValueState<T, Absent = undefined> extends StateOfKeys<T> {
  get(): T | Absent;
  set(value: T): void;
}

export interface ListState<T> extends StateOfKeys<readonly T[]> {
  add(...items: readonly T[]): void;
  all(): readonly T[];
  replace(items: readonly T[]): void;
}

export interface MapState<K, V> extends StateOfKeys<ReadonlyMap<K, V>> {
  readonly size: number;
  get(key: K): V | undefined;
  has(key: K): boolean;
  set(key: K, value: V): void;
  /** Whether there was such an entry. */
  delete(key: K): boolean;
  all(): ReadonlyMap<K, V>;
}

export interface ReducingState<T> extends StateOfKeys<T> {
  add(event: T): void;
  get(): T | undefined;
}
