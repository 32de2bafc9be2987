/**
 * DeclaredStates: the states of one instance of a `process` operator, by name: declares them, takes their snapshot, and
 * brings back what they held.
 *
 * Invariants
 *  D1  what is restored waits until its state is declared, whenever that is; until then it stays in the checkpoint as it is.
 *  D2  nothing is noted for a snapshot before `restore`, which is only called when snapshots will be taken.
 */

import { checkName } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import type { KeyedCell } from "./keyed-state.ts";
import { type MapCell, mapCells } from "./map-cell.ts";
import type {
  ListState,
  MapState,
  OperatorState,
  ReducingState,
  ValueState,
  ValueStateOptions,
} from "./operator-state.ts";
import { checkVersioning, StateKindError, type StateVersioning } from "./state-migration.ts";
import { type CellKind, plainCells, type StateScope, StateTable } from "./state-table.ts";
import { ListView, MapView, ReducingView, ValueView } from "./state-views.ts";

type StateKind = "value" | "list" | "map" | "reducing";

interface Declared {
  readonly kind: StateKind;
  readonly view: unknown;
}

export class DeclaredStates implements OperatorState {
  readonly #operator: string;
  readonly #scope: StateScope;
  readonly #tables = new Map<string, Pick<StateTable<unknown>, "track" | "changes" | "entries" | "restore">>();
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
    return this.#declare(
      "value",
      new ValueView(this.#table("value", name, options, plainCells<T>()), initial),
    ) as ValueState<T, never>;
  }

  list<T>(name: string, options: StateVersioning = {}): ListState<T> {
    const known = this.#find("list", name) as ListState<T> | undefined;
    return known ?? this.#declare("list", new ListView(this.#table("list", name, options, plainCells<readonly T[]>())));
  }

  map<K, V>(name: string, options: StateVersioning = {}): MapState<K, V> {
    const known = this.#find("map", name) as MapState<K, V> | undefined;
    const cells = mapCells as CellKind<Map<K, V>, MapCell<K, V>>;
    return known ?? this.#declare("map", new MapView(this.#table("map", name, options, cells)));
  }

  reducing<T>(name: string, step: (value: T, event: T) => T, options: StateVersioning = {}): ReducingState<T> {
    const known = this.#find("reducing", name) as ReducingState<T> | undefined;
    if (known !== undefined) return known;
    checkPlainFunction("state: step", step);
    return this.#declare("reducing", new ReducingView(this.#table("reducing", name, options, plainCells<T>()), step));
  }

  /** What changed since the call before. */
  snapshot(): readonly StateEntry[] {
    return [...this.#tables.values()].flatMap((table) => table.changes());
  }

  /** What is kept of one key, or of every key, also by states that are not declared yet. */
  *entries(key: Key | undefined): Generator<StateEntry> {
    for (const table of this.#tables.values()) yield* table.entries(key);
    for (const { name, form, values } of [...this.#waiting.values()].flat()) {
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
  #table<S, C extends KeyedCell<S>>(
    kind: StateKind,
    name: string,
    options: StateVersioning,
    cells: CellKind<S, C>,
  ): StateTable<S, C> {
    checkName("state", name);
    const version = checkVersioning(`state ${JSON.stringify(name)}`, options);
    const owner = this.#scope.isKeyed ? "key" : "instance";
    const table = new StateTable<S, C>(
      {
        operator: this.#operator,
        state: name,
        form: { kind, version, owner },
        migrate: options.migrate,
        refuse: kind === "list" ? refuseNoArray : kind === "map" ? refuseNoMap : undefined,
      },
      this.#scope,
      this.#tracked,
      cells,
    );
    for (const group of this.#waiting.get(name) ?? []) table.restore(group);
    this.#waiting.delete(name);
    this.#tables.set(name, table);
    return table;
  }
}

function refuseNoArray(value: unknown): string | undefined {
  return Array.isArray(value) ? undefined : "the array of a list";
}

function refuseNoMap(value: unknown): string | undefined {
  return value instanceof Map ? undefined : "the Map of a map";
}
