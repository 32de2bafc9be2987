/**
 * StateTable: one named state of an operator, over all keys, and the piece of it that is in hand.
 *
 * Not here: what the pieces are (state-views.ts).
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { KeyedCell, KeyedState } from "./keyed-state.ts";
import { migrated, needsMigration, type StateDeclaration } from "./state-migration.ts";

/** Which piece of a state an access means. */
export interface StateScope {
  /** Whether there is a piece per key, or one for the instance. */
  readonly isKeyed: boolean;
  /** The key of the event in hand; `wholeKey` on input without keys. Throws ERR_ACT_STATE_OUTSIDE. */
  keyFor(stateName: string): Key;
  /** Throws ERR_ACT_STATE_OUTSIDE when no state is to be had at all. */
  checkCalled(stateName: string): void;
}

/** How a table keeps the pieces of one kind of state. */
export interface CellKind<S, C extends KeyedCell<S>> {
  /** The first piece of a key. */
  added(key: Key, value: S): C;
  /** A piece as it was at the last snapshot. */
  restored(key: Key, value: S): C;
  /** What a snapshot says of a piece that changed since the one before: what it is, or a MapChange. */
  told(cell: C): unknown;
}

/** Pieces that are told as they are. */
export function plainCells<S>(): CellKind<S, KeyedCell<S>> {
  const made = (key: Key, value: S): KeyedCell<S> => new KeyedCell(key, value);
  return { added: made, restored: made, told: (cell) => cell.value };
}

/** Stands for the key of input without keys; an instance has input with keys or without, never both. */
export const wholeKey: Key = "";

export class StateTable<S, C extends KeyedCell<S> = KeyedCell<S>> {
  readonly name: string;
  readonly #declaration: StateDeclaration;
  readonly #scope: StateScope;
  readonly #kind: CellKind<S, C>;
  readonly #cells: KeyedState<S, C>;
  /** The cell found last: most events ask more than once. */
  #cell: C | undefined;

  constructor(declaration: StateDeclaration, scope: StateScope, tracked: boolean, kind: CellKind<S, C>) {
    this.name = declaration.state;
    this.#declaration = declaration;
    this.#scope = scope;
    this.#kind = kind;
    this.#cells = new KeyedState(tracked);
  }

  keyInHand(): Key {
    return this.#scope.keyFor(this.name);
  }

  /** The piece in hand; undefined when there is none. */
  find(): C | undefined {
    const key = this.keyInHand();
    if (this.#cell?.key !== key) this.#cell = this.#cells.find(key);
    return this.#cell;
  }

  write(value: S): void {
    const cell = this.find();
    if (cell !== undefined) return this.#cells.write(cell, value);
    this.#cell = this.#kind.added(this.keyInHand(), value);
    this.#cells.add(this.#cell);
  }

  remove(): void {
    const cell = this.find();
    if (cell !== undefined) this.#cells.remove(cell);
    this.#cell = undefined;
  }

  at(key: Key): S | undefined {
    this.#scope.checkCalled(this.name);
    return this.#cells.find(key)?.value;
  }

  /** Throws at once, not at the first step of the iteration. */
  cells(): MapIterator<C> {
    this.#scope.checkCalled(this.name);
    return this.#cells.cells();
  }

  /** What is kept of one key, or of every key. */
  *entries(key: Key | undefined): Generator<StateEntry> {
    const cell = key === undefined ? undefined : this.#cells.find(key);
    const cells = key === undefined ? this.#cells.cells() : cell === undefined ? [] : [cell];
    for (const each of cells) yield [this.name, each.key, true, each.value, this.#declaration.form];
  }

  track(): void {
    this.#cells.track();
  }

  changes(): StateEntry[] {
    const { form } = this.#declaration;
    return this.#cells.takeChanged().map((cell): StateEntry => {
      return [this.name, cell.key, cell.present, cell.present ? this.#kind.told(cell) : undefined, form];
    });
  }

  /**
   * Takes in what was stored. What is migrated counts as changed, so that the next snapshot holds it in its new version.
   *
   * @throws ERR_ACT_STATE_KIND, ERR_ACT_STATE_VERSION, ERR_ACT_STATE_MIGRATION
   */
  restore({ form, values }: StateGroup): void {
    const declaration = this.#declaration;
    const isOld = needsMigration(declaration, form);
    values.forEach((value, key) => {
      if (isOld) this.#cells.add(this.#kind.added(key, migrated(declaration, form, key, value) as S));
      else this.#cells.restore(this.#kind.restored(key, value as S));
    });
  }
}
