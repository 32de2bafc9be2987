/**
 * JoinState: the events that one side of a join keeps, by key, and what of them a snapshot holds. Of many keys they are packed: a cell is
 * then a copy, good for its key until another one of that is found.
 *
 * Not here: when they leave (interval-join.ts, window-join.ts).
 */

import { MillraceError, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { packedPiecesMax } from "../limits.ts";
import { type CellPacking, KeyedCell, KeyedState } from "../state/keyed-state.ts";
import { isSameForm, type StateForm } from "../state/state-form.ts";
import type { StateSize } from "../state/state-size.ts";
import { toldChanges } from "../state/told-changes.ts";
import { JoinRows, type KeptRows, type StoredRow } from "./join-rows.ts";
import type { JoinSide } from "./join-type.ts";

/** A key has more events that wait for partners than are allowed. */
export class JoinRowsError extends MillraceError {
  readonly code = "ERR_ACT_JOIN_ROWS";

  constructor(operator: string, key: Key, rowsMax: number) {
    super(
      `operator ${JSON.stringify(operator)}: key ${printValue(key)} has ${rowsMax} events that wait for partners on one side; no more ` +
        "are kept. Take a shorter interval, or raise rowsPerKeyMax",
      { details: { operator, rowsMax } },
    );
  }
}

/** The rows of one key, on one side. */
export class JoinCell extends KeyedCell<JoinRows> {
  readonly side: JoinSide;
  /** When the first of them leaves, as it was noted last by who looks after that. */
  dueTime = Number.NaN;

  constructor(key: Key, rows: JoinRows, side: JoinSide) {
    super(key, rows);
    this.side = side;
  }
}

export class JoinState {
  readonly #side: JoinSide;
  readonly #notesMatches: boolean;
  readonly #name: string;
  readonly #form: StateForm;
  /** Followed from `restore` on, which is only called where snapshots will be taken. */
  readonly #cells: KeyedState<JoinRows, JoinCell>;

  /** @param notesMatches whether it is noted which rows have had a partner */
  constructor(side: JoinSide, notesMatches: boolean) {
    this.#side = side;
    this.#notesMatches = notesMatches;
    this.#name = side === 0 ? "left rows" : "right rows";
    this.#form = { kind: notesMatches ? matchedKind : rowsKind, version: 1, owner: "key" };
    this.#cells = new KeyedState(false, packingOf(side));
  }

  find(key: Key): JoinCell | undefined {
    return this.#cells.find(key);
  }

  /** As of KeyedState. */
  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    this.#cells.expect(keys, from, index, to);
  }

  get stateSize(): StateSize {
    return this.#cells.stateSize;
  }

  /** @param cell of the key; undefined where that has no rows */
  add(cell: JoinCell | undefined, key: Key, time: number, value: unknown, isMatched: boolean): JoinCell {
    const grown = cell ?? new JoinCell(key, new JoinRows(), this.#side);
    grown.value.add(time, value, isMatched);
    if (cell === undefined) this.#cells.add(grown);
    else this.#cells.write(grown, grown.value);
    return grown;
  }

  /** Rows `from` (included) to `to` (excluded) of a key have a partner. */
  match(cell: JoinCell, from: number, to: number): void {
    if (this.#notesMatches && cell.value.match(from, to)) this.#cells.write(cell, cell.value);
  }

  /** The first row of a key leaves. */
  shift(cell: JoinCell): void {
    cell.value.shift();
    if (cell.value.size === 0) this.#cells.remove(cell);
    else this.#cells.write(cell, cell.value);
  }

  /** Takes note of when the first row of a key leaves. */
  setDue(cell: JoinCell, dueTime: number): void {
    cell.dueTime = dueTime;
    this.#cells.keep(cell);
  }

  snapshot(): StateEntry[] {
    return toldChanges(this.#cells, this.#name, this.#form, ({ value }) => value.takeChange());
  }

  /** @param taken is given each cell before it is kept, with rows that may not be changed */
  restore(groups: readonly StateGroup[], taken: (cell: JoinCell) => void): void {
    this.#cells.track();
    for (const { name, form, values } of groups) {
      if (name !== this.#name) continue;
      const isSame = isSameForm(form, this.#form);
      for (const [key, stored] of values as ReadonlyMap<Key, ReadonlyMap<number, StoredRow>>) {
        const rows = JoinRows.restored(stored, isSame);
        const cell = new JoinCell(key, rows, this.#side);
        taken(cell);
        if (isSame) {
          this.#cells.restore(cell);
          continue;
        }
        // Nobody knows which of them have had a partner: none is to be told to have had none.
        if (form.kind === rowsKind) rows.match(0, rows.size);
        this.#cells.add(cell);
      }
    }
  }
}

function packingOf(side: JoinSide): CellPacking<JoinRows, JoinCell> {
  return {
    keptOf: ({ value }): KeptRows => value.kept,
    sideOf: ({ dueTime }) => dueTime,
    staysObject: ({ value }) => value.size > packedPiecesMax,
    unpacked: (key, kept, dueTime, hasChanged) => {
      const cell = new JoinCell(key, JoinRows.unpacked(kept as unknown as KeptRows, hasChanged), side);
      cell.dueTime = dueTime;
      return cell;
    },
  };
}

const rowsKind = "join rows";
const matchedKind = "join rows, with matches";
