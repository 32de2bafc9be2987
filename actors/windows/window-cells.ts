/**
 * WindowCells: accumulators by window (or pane) and key, and which of them have changed since the last snapshot. Each is an entry of its
 * own in the state, under the name of its window and its key: a snapshot holds what changed, not all windows of a key. Of a window with many
 * keys cells are packed (../state/keyed-state.ts): what is found is a copy, and has to be written back.
 *
 * Invariants
 *  E1  a cell is told once in a snapshot, however often it has changed.
 *  E2  a cell that is gone is stored as removed if it was ever stored, and not mentioned otherwise.
 *  E3  beside an accumulator there is one number: some two million results of one window of a key, and what came since the last.
 */

import { assert } from "../../runtime/index.ts";
import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { triggerEventsMax } from "../limits.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import type { StateForm } from "../state/state-form.ts";

/** In front of the start of a window or pane, what its entries in the state are called. */
const windowPrefix = "from ";

/** What is kept of one key in one window or pane: an accumulator, and what has been told of it. */
export class WindowCell extends KeyedCell<unknown> {
  readonly group: CellGroup;
  /** Of the next result that is not early. */
  revision = 0;
  /** Events since the last result. */
  sinceResult = 0;
  isStored = false;
  /** It waits for the early trigger. */
  isWaiting = false;

  constructor(key: Key, group: CellGroup, accumulator: unknown) {
    super(key, accumulator);
    this.group = group;
  }
}

/** The cells of one window or pane, in the order in which their keys came. */
export class CellGroup {
  readonly start: number;
  readonly end: number;
  readonly cells: KeyedState<unknown, WindowCell>;
  /** What its entries are called in the state. */
  readonly name: string;
  /** Whether a cell of it is in the state that was told last. */
  isStored = false;
  /** The one that was found last: often the next event has the same key. */
  #found: WindowCell | undefined;

  constructor(start: number, end: number, { prefix = windowPrefix, isTracked = false, isLarge = false } = {}) {
    this.start = start;
    this.end = end;
    this.name = `${prefix}${start}`;
    const unpacked = (key: Key, accumulator: unknown, side: number) => unpackedCell(this, key, accumulator, side);
    this.cells = new KeyedState<unknown, WindowCell>(isTracked, { sideOf, unpacked }, isLarge);
  }

  /** The cell of a key: the same each time, unless cells are packed. */
  find(key: Key): WindowCell | undefined {
    const found = this.#found;
    if (found?.key === key && !this.cells.isPacked) return found;
    this.#found = this.cells.find(key);
    return this.#found;
  }
}

type StoredCell = readonly [accumulator: unknown, revision: number, sinceResult: number];

export class CellChanges {
  readonly #form: StateForm;
  readonly #prefix: string;
  #isTracked = false;
  /** Groups that have changed. */
  #changed = new Set<CellGroup>();
  /** The one that has changed last: one of them, unless nothing has since the last snapshot. */
  #noted: CellGroup | undefined;
  /** Those that are gone and were stored: what nobody has to be told of is garbage at once. */
  #dropped: CellGroup[] = [];
  #newest: CellGroup | undefined;

  /** @param prefix of the names of the groups */
  constructor(form: StateForm, prefix = windowPrefix) {
    this.#form = form;
    this.#prefix = prefix;
  }

  /** From now on changes are noted. Who takes no snapshots must not, or what is gone would be kept. Before there is any group. */
  track(): void {
    this.#isTracked = true;
  }

  /** Where the one before it has many keys, it is expected to have as many. */
  newGroup(start: number, end: number): CellGroup {
    const isLarge = this.#newest?.cells.isLarge ?? false;
    const group = new CellGroup(start, end, { prefix: this.#prefix, isTracked: this.#isTracked, isLarge });
    this.#newest = group;
    return group;
  }

  /** Some cell of the group has changed. */
  note(group: CellGroup): void {
    if (group === this.#noted || !this.#isTracked) return;
    this.#noted = group;
    this.#changed.add(group);
  }

  /** All cells of the group are gone. */
  dropGroup(group: CellGroup): void {
    if (this.#newest === group) this.#newest = undefined;
    if (this.#noted === group) this.#noted = undefined;
    this.#changed.delete(group);
    if (group.isStored) this.#dropped.push(group);
  }

  take(): StateEntry[] {
    const parts: StateEntry[][] = [];
    const dropped = this.#dropped;
    this.#dropped = [];
    for (const { name, cells } of dropped) {
      const stored = cells.pieces().filter(({ isStored }) => isStored);
      parts.push([...stored.map(({ key }): StateEntry => [name, key, false, undefined, this.#form])]);
    }
    for (const group of this.#changed) parts.push(this.#takeGroup(group));
    this.#changed.clear();
    this.#noted = undefined;
    return parts.flat();
  }

  #takeGroup(group: CellGroup): StateEntry[] {
    group.isStored = true;
    const { name, cells } = group;
    return cells.mapChanged((cell): StateEntry => {
      if (!cell.isStored) {
        cell.isStored = true;
        cells.keep(cell);
      }
      const stored: StoredCell = [cell.value, cell.revision, cell.sinceResult];
      return [name, cell.key, true, stored, this.#form];
    });
  }
}

/** An accumulator with an event, or with what is in another one; `folded` as in `WindowEngine.add`. */
export function added(
  aggregate: Aggregate<unknown, unknown, unknown>,
  accumulator: unknown,
  event: unknown,
  time: number,
  folded: number,
): unknown {
  return folded === 0 ? aggregate.add(accumulator, event, time) : aggregate.merge!(accumulator, event);
}

/** The start of the group that a state is of; undefined for a state whose name has another prefix. */
export function startOfName(name: string, prefix = windowPrefix): number | undefined {
  return name.startsWith(prefix) ? Number(name.slice(prefix.length)) : undefined;
}

/** Puts a stored cell into its group. */
export function restoreCell(group: CellGroup, key: Key, stored: unknown): WindowCell {
  const [accumulator, revision, sinceResult] = stored as StoredCell;
  const cell = new WindowCell(key, group, accumulator);
  cell.revision = revision;
  cell.sinceResult = sinceResult;
  cell.isStored = true;
  group.isStored = true;
  group.cells.restore(cell);
  return cell;
}

/** More events are as good as so many: no trigger waits for more. */
const sinceResultValues = triggerEventsMax + 1;

/** All but the accumulator, as the number that is packed beside it. */
function sideOf({ revision, sinceResult, isStored, isWaiting }: WindowCell): number {
  const told = revision * sinceResultValues + Math.min(sinceResult, triggerEventsMax);
  assert(told < 2 ** 51, "E3: what has been told of a window fits a number");
  return told * 4 + (isStored ? 2 : 0) + (isWaiting ? 1 : 0);
}

function unpackedCell(group: CellGroup, key: Key, accumulator: unknown, side: number): WindowCell {
  const cell = new WindowCell(key, group, accumulator);
  const told = Math.floor(side / 4);
  cell.revision = Math.floor(told / sinceResultValues);
  cell.sinceResult = told % sinceResultValues;
  cell.isStored = side % 4 >= 2;
  cell.isWaiting = side % 2 === 1;
  return cell;
}
