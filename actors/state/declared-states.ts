/**
 * DeclaredStates: the states of one instance of a `process` operator, by name: declares them, takes their snapshot, and
 * brings back what they held.
 *
 * Invariants
 *  D1  what is restored waits until its state is declared, whenever that is; until then it stays in the checkpoint as it is.
 *  D2  nothing is noted for a snapshot before `restore`, which is only called when snapshots will be taken.
 */

import { checkName, checkNames, type OptionNames } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange, StateEntry } from "../epochs/state-delta.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import { ExpiringMapTable } from "./expiring-map-table.ts";
import { ExpiringTable } from "./expiring-table.ts";
import type { KeyedCell } from "./keyed-state.ts";
import { type MapCell, mapCells } from "./map-cell.ts";
import type {
  ListState,
  MapState,
  OperatorState,
  ReducingState,
  StateOptions,
  ValueState,
  ValueStateOptions,
} from "./operator-state.ts";
import { keysAhead } from "./packed/keys-ahead.ts";
import { isExpiry } from "./state-form.ts";
import { checkVersioning, type StateDeclaration, StateKindError } from "./state-migration.ts";
import { stateOptionNames } from "./state-options.ts";
import { type StateSize, sumOfSizes } from "./state-size.ts";
import {
  type CellKind,
  expiryName,
  isLargeList,
  listCells,
  plainCells,
  type StateScope,
  StateTable,
} from "./state-table.ts";
import { type CheckedTtl, checkTtl, type Sweeping } from "./state-ttl.ts";
import { ExpiringMapView, ListView, MapView, ReducingView, ValueView } from "./state-views.ts";

type StateKind = "value" | "list" | "map" | "reducing";

type Table<S, C extends KeyedCell<S>> = StateTable<S, C> & Partial<Sweeping>;

const valueOptionNames: OptionNames<ValueStateOptions<never>> = { ...stateOptionNames, initial: true };

interface Declared {
  readonly kind: StateKind;
  readonly view: unknown;
}

export class DeclaredStates implements OperatorState {
  readonly #operator: string;
  readonly #scope: StateScope;
  readonly #tables = new Map<
    string,
    Pick<StateTable<unknown>, "track" | "changes" | "entries" | "restore" | "restoreExpiries" | "stateSize" | "expect">
  >();
  readonly #sweeping: Sweeping[] = [];
  /** What restored states do not keep any more, for the next snapshot. */
  #forgotten: StateEntry[] = [];
  readonly #declared = new Map<string, Declared>();
  /** D1 */
  readonly #waiting = new Map<string, StateGroup[]>();
  #tracked = false;

  constructor(operator: string, scope: StateScope) {
    this.#operator = operator;
    this.#scope = scope;
  }

  value<T>(name: string, options: ValueStateOptions<T> = {}): ValueState<T, never> {
    const known = this.#find("value", name);
    if (known !== undefined) return known as ValueState<T, never>;
    const { initial } = options;
    if (initial !== undefined) checkPlainFunction("state: initial", initial);
    return this.#declare("value", new ValueView(this.#table("value", name, options, wholes<T>), initial)) as ValueState<
      T,
      never
    >;
  }

  list<T>(name: string, options: StateOptions = {}): ListState<T> {
    const known = this.#find("list", name) as ListState<T> | undefined;
    return known ?? this.#declare("list", new ListView(this.#table("list", name, options, lists<T>)));
  }

  map<K, V>(name: string, options: StateOptions = {}): MapState<K, V> {
    const known = this.#find("map", name) as MapState<K, V> | undefined;
    if (known !== undefined) return known;
    const table = this.#table("map", name, options, maps<K, V>);
    return this.#declare(
      "map",
      table instanceof ExpiringMapTable ? new ExpiringMapView<K, V>(table) : new MapView<K, V>(table),
    );
  }

  reducing<T>(name: string, step: (value: T, event: T) => T, options: StateOptions = {}): ReducingState<T> {
    const known = this.#find("reducing", name) as ReducingState<T> | undefined;
    if (known !== undefined) return known;
    checkPlainFunction("state: step", step);
    return this.#declare("reducing", new ReducingView(this.#table("reducing", name, options, wholes<T>), step));
  }

  /** Whether there is state that may run out while no events come. */
  get runsOutByClock(): boolean {
    return this.#sweeping.some(({ ttl, pieceCount }) => ttl.time === "processing" && pieceCount > 0);
  }

  /** Looks at so many pieces of each state with a time to live, and removes those that have run out. */
  sweep(count: number): void {
    for (const table of this.#sweeping) table.sweep(count);
  }

  get stateSize(): StateSize {
    return sumOfSizes([...this.#tables.values()].map((table) => table.stateSize));
  }

  /** As of KeyedState. */
  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    if ((index - from) % keysAhead !== 0) return;
    for (const table of this.#tables.values()) table.expect(keys, from, index, to);
  }

  /** What changed since the call before. */
  snapshot(): readonly StateChange[] {
    const forgotten = this.#forgotten;
    this.#forgotten = [];
    return [...forgotten, ...[...this.#tables.values()].flatMap((table) => table.changes())];
  }

  /** What is kept of one key, or of every key, also by states that are not declared yet. */
  *entries(key: Key | undefined): Generator<StateEntry> {
    for (const table of this.#tables.values()) yield* table.entries(key);
    for (const { name, form, values } of [...this.#waiting.values()].flat()) {
      if (isExpiry(form)) continue;
      for (const [own, value] of values) if (key === undefined || own === key) yield [name, own, true, value, form];
    }
  }

  /** What they held at a checkpoint. */
  restore(state: readonly StateGroup[]): void {
    this.#tracked = true;
    for (const table of this.#tables.values()) table.track();
    for (const [name, groups] of Map.groupBy(state, (group) => group.name)) {
      const table = this.#tables.get(name);
      if (table === undefined) this.#waiting.set(name, groups);
      else for (const group of groups) table.restore(group);
    }
    for (const [name, table] of this.#tables) this.#restoreExpiries(name, table);
  }

  #find(kind: StateKind, name: string): unknown {
    const known = this.#declared.get(name);
    if (known === undefined || known.kind === kind) return known?.view;
    throw new StateKindError(
      `operator ${JSON.stringify(this.#operator)}: state ${JSON.stringify(name)} is a ${known.kind} and cannot be a ${kind} too`,
      { details: { operator: this.#operator, state: name, kind: known.kind } },
    );
  }

  #declare<V extends { readonly table: { readonly name: string } }>(kind: StateKind, view: V): V {
    this.#declared.set(view.table.name, { kind, view });
    return view;
  }

  /** A new one, with what waits for it. */
  #table<S, C extends KeyedCell<S>, T extends Table<S, C>>(
    kind: StateKind,
    name: string,
    options: StateOptions,
    make: (declaration: StateDeclaration, scope: StateScope, tracked: boolean, ttl: CheckedTtl | undefined) => T,
  ): T {
    checkName("state", name);
    const what = `state ${JSON.stringify(name)}`;
    checkNames(what, options, kind === "value" ? valueOptionNames : stateOptionNames);
    const version = checkVersioning(what, options);
    const ttl = checkTtl(what, options);
    const declaration = {
      operator: this.#operator,
      state: name,
      form: { kind, version, owner: this.#scope.isKeyed ? "key" : "instance" },
      migrate: options.migrate,
      refuse: kind === "list" ? refuseNoArray : kind === "map" ? refuseNoMap : undefined,
    } as const;
    const table = make(declaration, this.#scope, this.#tracked, ttl);
    for (const group of this.#waiting.get(name) ?? []) table.restore(group);
    this.#waiting.delete(name);
    this.#restoreExpiries(name, table);
    this.#tables.set(name, table);
    if (isSweeping(table)) this.#sweeping.push(table);
    return table;
  }

  /** Behind the pieces themselves, whose expiries they are. */
  #restoreExpiries(stateName: string, table: Pick<StateTable<unknown>, "restoreExpiries">): void {
    const name = expiryName(stateName);
    for (const group of this.#waiting.get(name) ?? []) this.#forgotten.push(...table.restoreExpiries(group));
    this.#waiting.delete(name);
  }
}

function wholes<T>(
  declaration: StateDeclaration,
  scope: StateScope,
  tracked: boolean,
  ttl: CheckedTtl | undefined,
): StateTable<T> {
  if (ttl === undefined) return new StateTable<T>(declaration, scope, tracked, plainCells<T>());
  return new ExpiringTable<T>(declaration, scope, tracked, ttl) as unknown as StateTable<T>;
}

function lists<T>(
  declaration: StateDeclaration,
  scope: StateScope,
  tracked: boolean,
  ttl: CheckedTtl | undefined,
): StateTable<readonly T[]> {
  if (ttl === undefined) return new StateTable(declaration, scope, tracked, listCells<T>());
  return new ExpiringTable<readonly T[]>(declaration, scope, tracked, ttl, isLargeList) as unknown as StateTable<
    readonly T[]
  >;
}

function maps<K, V>(
  declaration: StateDeclaration,
  scope: StateScope,
  tracked: boolean,
  ttl: CheckedTtl | undefined,
): StateTable<Map<K, V>, MapCell<K, V>> | ExpiringMapTable<K, V> {
  if (ttl !== undefined) return new ExpiringMapTable<K, V>(declaration, scope, tracked, ttl);
  return new StateTable(declaration, scope, tracked, mapCells as CellKind<Map<K, V>, MapCell<K, V>>);
}

function isSweeping(table: object): table is Sweeping {
  return "sweep" in table;
}

function refuseNoArray(value: unknown): string | undefined {
  return Array.isArray(value) ? undefined : "the array of a list";
}

function refuseNoMap(value: unknown): string | undefined {
  return value instanceof Map ? undefined : "the Map of a map";
}
