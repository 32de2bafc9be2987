/**
 * JoinState: the events that one side of a join keeps, by key, with a note of the first one of each key that is to leave: who
 * looks for what is due asks neither every key nor every event.
 *
 * Invariants
 *  J1  of each key that has rows there is a note at the time at which the first of them is due.
 *  J2  a note whose time is not that of its key's newest note counts for nothing.
 */

import { MillraceError, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import { isSameForm, type StateForm } from "../state/state-form.ts";
import type { TimeHeap } from "../time/time-heap.ts";
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
  /** J1 */
  dueTime = Number.NaN;

  constructor(key: Key, rows: JoinRows, side: JoinSide) {
    super(key, rows);
    this.side = side;
  }
}

export interface JoinStateSettings {
  readonly side: JoinSide;
  /** An event is due so much later than its time. */
  readonly keptMs: number;
  /** Whether it is noted which rows have had a partner. */
  readonly notesMatches: boolean;
}

export class JoinState {
  readonly #settings: JoinStateSettings;
  readonly #name: string;
  readonly #form: StateForm;
  readonly #due: TimeHeap<JoinCell>;
  /** Followed from `restore` on, which is only called where snapshots will be taken. */
  readonly #cells = new KeyedState<JoinRows, JoinCell>(false);

  /** @param due where the notes are put (J1) */
  constructor(settings: JoinStateSettings, due: TimeHeap<JoinCell>) {
    this.#settings = settings;
    this.#name = settings.side === 0 ? "left rows" : "right rows";
    this.#form = { kind: settings.notesMatches ? matchedKind : rowsKind, version: 1, owner: "key" };
    this.#due = due;
  }

  find(key: Key): JoinCell | undefined {
    return this.#cells.find(key);
  }

  add(key: Key, time: number, value: unknown, isMatched: boolean): void {
    let cell = this.#cells.find(key);
    if (cell === undefined) {
      cell = new JoinCell(key, new JoinRows(), this.#settings.side);
      this.#cells.add(cell);
    } else {
      this.#cells.write(cell, cell.value);
    }
    cell.value.add(time, value, isMatched);
    this.#note(cell);
  }

  /** Rows `from` (included) to `to` (excluded) of a key have a partner. */
  match(cell: JoinCell, from: number, to: number): void {
    if (!this.#settings.notesMatches || from === to) return;
    for (let index = from; index < to; index += 1) cell.value.match(cell.value.at(index) as JoinRow);
    this.#cells.write(cell, cell.value);
  }

  /** The first row of a key that is due at `time` or before, taken out; undefined when there is none. */
  takeDue(cell: JoinCell, time: number): JoinRow | undefined {
    const { first } = cell.value;
    if (first !== undefined && first.time + this.#settings.keptMs <= time) {
      cell.value.shift();
      if (cell.value.size === 0) this.#cells.remove(cell);
      else this.#cells.write(cell, cell.value);
      return first;
    }
    if (cell.present) this.#note(cell);
    return undefined;
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
        const cell = new JoinCell(key, rows, this.#settings.side);
        this.#cells.restore(cell);
        this.#note(cell);
        // Nobody knows which of them have had a partner: none is to be told to have had none.
        if (form.kind === rowsKind) this.match(cell, 0, rows.size);
      }
    }
  }

  /** J1 */
  #note(cell: JoinCell): void {
    const { first } = cell.value;
    if (first === undefined) return;
    const dueTime = first.time + this.#settings.keptMs;
    if (dueTime === cell.dueTime) return;
    cell.dueTime = dueTime;
    this.#due.add(dueTime, cell);
  }
}

const rowsKind = "join rows";
const matchedKind = "join rows, with matches";
