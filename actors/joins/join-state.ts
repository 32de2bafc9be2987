/**
 * JoinState: the events that one side of a join keeps, by key, and what of them a snapshot holds.
 *
 * Not here: when they leave (interval-join.ts, window-join.ts).
 */

import { MillraceError, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import { isSameForm, type StateForm } from "../state/state-form.ts";
import { type JoinRow, JoinRows, type StoredRow } from "./join-rows.ts";
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
  readonly #cells = new KeyedState<JoinRows, JoinCell>(false);

  /** @param notesMatches whether it is noted which rows have had a partner */
  constructor(side: JoinSide, notesMatches: boolean) {
    this.#side = side;
    this.#notesMatches = notesMatches;
    this.#name = side === 0 ? "left rows" : "right rows";
    this.#form = { kind: notesMatches ? matchedKind : rowsKind, version: 1, owner: "key" };
  }

  /** All keys that have rows. */
  cells(): Iterable<JoinCell> {
    return this.#cells.cells();
  }

  find(key: Key): JoinCell | undefined {
    return this.#cells.find(key);
  }

  add(key: Key, time: number, value: unknown, isMatched: boolean): JoinCell {
    let cell = this.#cells.find(key);
    if (cell === undefined) {
      cell = new JoinCell(key, new JoinRows(), this.#side);
      this.#cells.add(cell);
    } else {
      this.#cells.write(cell, cell.value);
    }
    cell.value.add(time, value, isMatched);
    return cell;
  }

  /** Rows `from` (included) to `to` (excluded) of a key have a partner. */
  match(cell: JoinCell, from: number, to: number): void {
    if (!this.#notesMatches || from === to) return;
    for (let index = from; index < to; index += 1) cell.value.match(cell.value.at(index) as JoinRow);
    this.#cells.write(cell, cell.value);
  }

  /** The first row of a key leaves. */
  shift(cell: JoinCell): void {
    cell.value.shift();
    if (cell.value.size === 0) this.#cells.remove(cell);
    else this.#cells.write(cell, cell.value);
  }

  snapshot(): readonly StateEntry[] {
    return this.#cells
      .takeChanged()
      .map(({ key, present, value }) => [
        this.#name,
        key,
        present,
        present ? value.takeChange() : undefined,
        this.#form,
      ]);
  }

  restore(groups: readonly StateGroup[]): void {
    this.#cells.track();
    for (const { name, form, values } of groups) {
      if (name !== this.#name) continue;
      for (const [key, stored] of values as ReadonlyMap<Key, ReadonlyMap<number, StoredRow>>) {
        const rows = JoinRows.restored(stored, isSameForm(form, this.#form));
        const cell = new JoinCell(key, rows, this.#side);
        this.#cells.restore(cell);
        // Nobody knows which of them have had a partner: none is to be told to have had none.
        if (form.kind === rowsKind) this.match(cell, 0, rows.size);
      }
    }
  }
}

const rowsKind = "join rows";
const matchedKind = "join rows, with matches";
