/**
 * WindowCells: accumulators by window (or pane) and key, and which of them have changed since the last snapshot. Each is an entry of its
 * own in the state, under the name of its window and its key: a snapshot holds what changed, not all windows of a key.
 *
 * Invariants
 *  E1  a cell is noted once between two snapshots, however often it changes.
 *  E2  a cell that is gone is stored as removed if it was ever stored, and not mentioned otherwise.
 */

import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Key } from "../batch.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import type { StateForm } from "../state/state-form.ts";

/** In front of the start of a window or pane, what its entries in the state are called. */
const windowPrefix = "from ";

/** What is kept of one key in one window or pane. */
export class WindowCell {
  readonly key: Key;
  readonly group: CellGroup;
  accumulator: unknown;
  /** Of the next result that is not early. */
  revision = 0;
  /** Events since the last result. */
  sinceResult = 0;
  /** The snapshot to come when it changed last. */
  stamp = 0;
  isStored = false;
  isGone = false;
  /** It waits for the early trigger. */
  isWaiting = false;

  constructor(key: Key, group: CellGroup, accumulator: unknown) {
    this.key = key;
    this.group = group;
    this.accumulator = accumulator;
  }
}

/** The cells of one window or pane, in the order in which their keys came. */
export class CellGroup {
  readonly start: number;
  readonly end: number;
  readonly cells = new Map<Key, WindowCell>();
  /** What its entries are called in the state. */
  readonly name: string;
  /** The one that was found last: often the next event has the same key. */
  #found: WindowCell | undefined;

  /** @param prefix of its name; default `windowPrefix` */
  constructor(start: number, end: number, prefix = windowPrefix) {
    this.start = start;
    this.end = end;
    this.name = `${prefix}${start}`;
  }

  /** The cell of a key, which stays for as long as the group does. */
  find(key: Key): WindowCell | undefined {
    const found = this.#found;
    if (found?.key === key) return found;
    this.#found = this.cells.get(key);
    return this.#found;
  }
}

type StoredCell = readonly [accumulator: unknown, revision: number, sinceResult: number];

export class CellChanges {
  readonly #form: StateForm;
  /** Of the snapshot to come. While changes are not noted it is 0, like that of every cell. */
  #stamp = 0;
  #changed: WindowCell[] = [];

  constructor(form: StateForm) {
    this.#form = form;
  }

  /** From now on changes are noted. Who takes no snapshots must not, or what is gone would be kept. */
  track(): void {
    this.#stamp = 1;
  }

  note(cell: WindowCell): void {
    if (cell.stamp === this.#stamp) return;
    cell.stamp = this.#stamp;
    this.#changed.push(cell);
  }

  /** All cells of the group are gone. */
  dropGroup({ cells }: CellGroup): void {
    if (this.#stamp === 0) return;
    for (const cell of cells.values()) {
      cell.isGone = true;
      if (cell.isStored) this.note(cell);
    }
  }

  take(): StateEntry[] {
    const entries: StateEntry[] = [];
    for (const cell of this.#changed) {
      const { name } = cell.group;
      const stored: StoredCell = [cell.accumulator, cell.revision, cell.sinceResult];
      if (!cell.isGone) entries.push([name, cell.key, true, stored, this.#form]);
      else if (cell.isStored) entries.push([name, cell.key, false, undefined, this.#form]);
      cell.isStored = !cell.isGone;
    }
    this.#changed = [];
    this.#stamp += 1;
    return entries;
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
  group.cells.set(key, cell);
  return cell;
}
