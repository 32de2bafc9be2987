/**
 * StateTable: one named state of an operator, over all keys, and the piece of it that is in hand.
 *
 * Not here: what the pieces are (state-views.ts).
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange, StateEntry } from "../epochs/state-delta.ts";
import { packedPiecesMax } from "../limits.ts";
import type { TimeDomain } from "../time/time-domain.ts";
import { type CellPacking, KeyedCell, KeyedState, type ToldState } from "./keyed-state.ts";
import { type StateForm, stateTitle } from "./state-form.ts";
import { migrated, needsMigration, type StateDeclaration } from "./state-migration.ts";
import type { StateSize } from "./state-size.ts";
import { toldChange, toldChanges } from "./told-changes.ts";

/** Which piece of a state an access means. */
export interface StateScope {
  /** Whether there is a piece per key, or one for the instance. */
  readonly isKeyed: boolean;
  /** The key of the event in hand; `wholeKey` on input without keys. Throws ERR_ACT_STATE_OUTSIDE. */
  keyFor(stateName: string): Key;
  /** Throws ERR_ACT_STATE_OUTSIDE when no state is to be had at all. */
  checkCalled(stateName: string): void;
  /** In ms since the epoch: what a time to live goes by. -Infinity before event time has begun. */
  nowOf(time: TimeDomain): number;
}

/** How a table keeps the pieces of one kind of state. */
export interface CellKind<S, C extends KeyedCell<S>> {
  /** The first piece of a key. */
  added(key: Key, value: S): C;
  /** A piece as it was at the last snapshot. */
  restored(key: Key, value: S): C;
  /** What a snapshot says of a piece that changed since the one before: what it is, or a MapChange. */
  told(cell: C): unknown;
  /** Whether that is what is packed of a piece. */
  readonly isToldAsPacked?: boolean;
  /** How pieces are packed when there are many; undefined: they stay objects. */
  readonly packing?: CellPacking<S, C>;
  /** How it is kept when pieces run out, where they do: as a state of its own. */
  readonly expiry?: {
    readonly kind: string;
    told(cell: C): unknown;
    restore(cell: C, stored: unknown): void;
  };
}

/** The state that holds when the pieces of another one run out. No name that an author can give. */
export function expiryName(stateName: string): string {
  return `${stateName} expires`;
}

/** Pieces that are told as they are. */
export function plainCells<S>(): CellKind<S, KeyedCell<S>> {
  const made = (key: Key, value: S): KeyedCell<S> => new KeyedCell(key, value);
  const packing = { sideOf: () => Number.NaN, unpacked: made };
  return { added: made, restored: made, told: (cell: KeyedCell<S>) => cell.value, isToldAsPacked: true, packing };
}

/** The same where each is a list. */
export function listCells<T>(): CellKind<readonly T[], KeyedCell<readonly T[]>> {
  const kind = plainCells<readonly T[]>();
  return { ...kind, packing: { ...kind.packing!, staysObject: isLargeList } };
}

/** Whether it stays an object, however many there are. */
export function isLargeList({ value }: KeyedCell<readonly unknown[]>): boolean {
  return value.length > packedPiecesMax;
}

/** Stands for the key of input without keys; an instance has input with keys or without, never both. */
export const wholeKey: Key = "";

export class StateTable<S, C extends KeyedCell<S> = KeyedCell<S>> {
  readonly name: string;
  readonly #declaration: StateDeclaration;
  readonly #scope: StateScope;
  readonly #kind: CellKind<S, C>;
  readonly #cells: KeyedState<S, C>;
  /** The key looked for last, and its cell; undefined for none: most events ask more than once. */
  #sought: Key | undefined;
  #cell: C | undefined;

  constructor(declaration: StateDeclaration, scope: StateScope, tracked: boolean, kind: CellKind<S, C>) {
    this.name = declaration.state;
    this.#declaration = declaration;
    this.#scope = scope;
    this.#kind = kind;
    this.#cells = new KeyedState(tracked, kind.packing);
  }

  get pieceCount(): number {
    return this.#cells.size;
  }

  get stateSize(): StateSize {
    return this.#cells.stateSize;
  }

  /** As of KeyedState. */
  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    this.#cells.expect(keys, from, index, to);
  }

  keyInHand(): Key {
    return this.#scope.keyFor(this.name);
  }

  /** The piece in hand; undefined when there is none. */
  find(): C | undefined {
    const key = this.keyInHand();
    if (this.#sought !== key) {
      this.#cell = this.#cells.find(key);
      this.#sought = key;
    }
    return this.#cell;
  }

  write(value: S): C {
    const found = this.find();
    if (found !== undefined) {
      this.#cells.write(found, value);
      return found;
    }
    const cell = this.#kind.added(this.keyInHand(), value);
    this.#cells.add(cell);
    this.#cell = cell;
    return cell;
  }

  remove(): void {
    const cell = this.find();
    if (cell !== undefined) this.#cells.remove(cell);
    this.#cell = undefined;
  }

  at(key: Key): S | undefined {
    this.#scope.checkCalled(this.name);
    const cell = this.#cells.find(key);
    return cell && this.shown(cell)?.value;
  }

  /** Throws at once, not at the first step of the iteration. */
  cells(): IteratorObject<KeyedCell<S>, undefined> {
    this.#scope.checkCalled(this.name);
    return this.#shownPieces();
  }

  /** What is kept of one key, or of every key. */
  *entries(key: Key | undefined): Generator<StateEntry> {
    const cell = key === undefined ? undefined : this.#cells.find(key);
    const shown = cell && this.shown(cell);
    const cells = key === undefined ? this.#shownPieces() : shown === undefined ? [] : [shown];
    for (const each of cells) yield [this.name, each.key, true, each.value, this.#declaration.form];
  }

  track(): void {
    this.#cells.track();
  }

  /** @throws ERR_RT_NOT_PLAIN_DATA */
  changes(): readonly StateChange[] {
    // The one found last is packed, if it is.
    this.#sought = undefined;
    this.#cell = undefined;
    const encoded = this.#kind.isToldAsPacked === true ? this.#cells.takeEncoded(this.#toldStates()) : undefined;
    if (encoded !== undefined) return encoded;
    const { form } = this.#declaration;
    const { told, expiry } = this.#kind;
    // One cell at a time: where they are packed each is made for this.
    if (expiry === undefined) return toldChanges(this.#cells, this.name, form, told);
    const changed = this.#cells.takeChanged();
    const ends = this.#expiryState(expiry);
    return [
      ...changed.map((cell) => toldChange(cell, this.name, form, told)),
      ...changed.map((cell) => toldChange(cell, ends.name, ends.form, expiry.told)),
    ];
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

  /** Takes in when the pieces that were restored run out; what was kept by another clock, or is kept no more, is forgotten. */
  restoreExpiries(group: StateGroup): readonly StateEntry[] {
    const { expiry } = this.#kind;
    if (expiry?.kind !== group.form.kind) return forgotten(group);
    group.values.forEach((stored, key) => {
      const cell = this.#cells.find(key);
      if (cell === undefined) return;
      expiry.restore(cell, stored);
      this.keep(cell);
    });
    return [];
  }

  /** Removes the piece of a key, in hand or not. */
  protected drop(key: Key): void {
    const cell = this.#cells.find(key);
    if (cell !== undefined) this.#cells.remove(cell);
    if (this.#sought === key) this.#cell = undefined;
  }

  /** What is kept beside a piece has changed, and belongs into the next snapshot. */
  protected note(cell: C): void {
    if (this.#sought === cell.key) this.#cell = cell;
    this.#cells.note(cell);
  }

  /** What is kept beside a piece is set, and noted with the piece, if at all. */
  protected keep(cell: C): void {
    this.#cells.keep(cell);
  }

  /** The piece of a key, in hand or not. */
  protected pieceOf(key: Key): C | undefined {
    return this.#cells.find(key);
  }

  /** Whatever there is; values may be missing. */
  protected pieces(): IteratorObject<C, undefined> {
    return this.#cells.pieces();
  }

  /** A piece as it may be seen now; undefined when it may not. */
  protected shown(cell: C): KeyedCell<S> | undefined {
    return cell;
  }

  #shownPieces(): IteratorObject<KeyedCell<S>, undefined> {
    const pieces = this.#cells.cells();
    if (this.#kind.expiry === undefined) return pieces;
    return pieces.map((cell) => this.shown(cell)).filter((cell) => cell !== undefined);
  }

  #toldStates(): readonly ToldState<C>[] {
    const { operator, form } = this.#declaration;
    const { told, expiry } = this.#kind;
    const title = stateTitle(operator, this.name);
    const pieces: ToldState<C> = { name: this.name, form, told: { title }, ofCell: told };
    if (expiry === undefined) return [pieces];
    const ends = { ...this.#expiryState(expiry), told: { title, isSide: true }, ofCell: expiry.told };
    return [pieces, ends];
  }

  #expiryState({ kind }: NonNullable<CellKind<S, C>["expiry"]>): { readonly name: string; readonly form: StateForm } {
    return { name: expiryName(this.name), form: { kind, version: 1, owner: this.#declaration.form.owner } };
  }
}

/** That nothing of a group is kept any more, for the next snapshot. */
function forgotten({ name, form, values }: StateGroup): StateEntry[] {
  return [...values.keys()].map((key): StateEntry => [name, key, false, undefined, form]);
}
