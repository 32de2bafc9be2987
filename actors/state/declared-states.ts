/**
 * DeclaredStates: the states of one instance of a `process` operator, by name: declares them, takes their snapshot, and
 * brings back what they held.
 *
 * Invariants
 *  D1  what is restored is there before the state is declared, whenever that is.
 *  D2  nothing is noted for a snapshot before `restore`, which is only called when snapshots will be taken.
 */

import { checkName, MillraceError } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateEntry } from "../epochs/cell-snapshot.ts";
import { checkPlainFunction } from "../operators/plain-function.ts";
import type { ListState, MapState, OperatorState, ReducingState, ValueState } from "./operator-state.ts";
import { type StateScope, StateTable } from "./state-table.ts";
import { ListView, MapView, ReducingView, ValueView } from "./state-views.ts";

/** A state was declared as one kind and then as another. */
export class StateKindError extends MillraceError {
  readonly code = "ERR_ACT_STATE_KIND";
}

type StateKind = "value" | "list" | "map" | "reducing";

interface Declared {
  readonly kind: StateKind;
  readonly view: unknown;
}

export class DeclaredStates implements OperatorState {
  readonly #operator: string;
  readonly #scope: StateScope;
  readonly #tables = new Map<string, StateTable<unknown>>();
  readonly #declared = new Map<string, Declared>();
  #tracked = false;

  constructor(operator: string, scope: StateScope) {
    this.#operator = operator;
    this.#scope = scope;
  }

  value<T>(name: string, options?: { readonly initial?: (key: Key) => T }): ValueState<T, never> {
    const known = this.#find("value", name);
    if (known !== undefined) return known as ValueState<T, never>;
    const initial = options?.initial;
    if (initial !== undefined) checkPlainFunction("state: initial", initial);
    return this.#declare("value", new ValueView(this.#table<T>(name), initial)) as ValueState<T, never>;
  }

  list<T>(name: string): ListState<T> {
    const known = this.#find("list", name) as ListState<T> | undefined;
    return known ?? this.#declare("list", new ListView<T>(this.#table(name)));
  }

  map<K, V>(name: string): MapState<K, V> {
    const known = this.#find("map", name) as MapState<K, V> | undefined;
    return known ?? this.#declare("map", new MapView<K, V>(this.#table(name)));
  }

  reducing<T>(name: string, step: (value: T, event: T) => T): ReducingState<T> {
    const known = this.#find("reducing", name) as ReducingState<T> | undefined;
    if (known !== undefined) return known;
    checkPlainFunction("state: step", step);
    return this.#declare("reducing", new ReducingView(this.#table<T>(name), step));
  }

  /** What changed since the call before. */
  snapshot(): readonly StateEntry[] {
    return [...this.#tables.values()].flatMap((table) => table.changes());
  }

  /** What they held at a checkpoint. */
  restore(entries: readonly StateEntry[]): void {
    this.#tracked = true;
    for (const table of this.#tables.values()) table.track();
    for (const [name, key, present, value] of entries) {
      // A key that was removed and came back has its own entry behind this one (K3 of KeyedState).
      if (present) this.#table(name).restore(key, value);
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

  #table<S>(name: string): StateTable<S> {
    const known = this.#tables.get(name);
    if (known !== undefined) return known as StateTable<unknown> as StateTable<S>;
    const table = new StateTable<S>(checkName("state", name), this.#scope, this.#tracked);
    this.#tables.set(name, table as StateTable<unknown>);
    return table;
  }
}
