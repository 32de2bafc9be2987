/**
 * CellChanges: which accumulators, by window (or pane) and key, have changed since the last snapshot. Each is an entry of its own in the
 * state, under the name of its window and its key: a snapshot holds what changed, not all windows of a key.
 *
 * Invariants
 *  E1  a cell is told once in a snapshot, however often it has changed.
 *  E2  a cell that is gone is stored as removed if it was ever stored, and not mentioned otherwise.
 */

import type { Key } from "../batch.ts";
import type { StateChange, StateEntry } from "../epochs/state-delta.ts";
import { type StateForm, stateTitle } from "../state/state-form.ts";
import { CellGroup } from "./cell-group.ts";
import { KeyNumbers } from "./key-numbers.ts";

/** In front of the start of a window or pane, what its entries in the state are called. */
const windowPrefix = "from ";

type StoredCell = readonly [accumulator: unknown, revision: number, sinceResult: number];

/** A numbering with more keys than so many times those of a window, and some, has too many that are in none. */
const numbersPerKey = 4;
const spareNumbers = 64;

export class CellChanges {
  readonly #form: StateForm;
  readonly #countsEvents: boolean;
  readonly #prefix: string;
  #isTracked = false;
  /** Groups that have changed. */
  #changed = new Set<CellGroup>();
  /** The one that has changed last: one of them, unless nothing has since the last snapshot. */
  #noted: CellGroup | undefined;
  /** Those that are gone and were stored: what nobody has to be told of is garbage at once. */
  #dropped: CellGroup[] = [];
  #newest: CellGroup | undefined;
  #numbers = new KeyNumbers();
  /** How many keys a group has, of late. */
  #usualSize = 0;

  /**
   * @param countsEvents whether it is told how many events came since the last result
   * @param prefix of the names of the groups
   */
  constructor(form: StateForm, countsEvents: boolean, prefix = windowPrefix) {
    this.#form = form;
    this.#countsEvents = countsEvents;
    this.#prefix = prefix;
  }

  /** From now on changes are noted. Who takes no snapshots must not, or what is gone would be kept. Before there is any group. */
  track(): void {
    this.#isTracked = true;
  }

  /** It is expected to have as many keys as those that are over had, of late; where several fill at once, the newest says little. */
  newGroup(start: number, end: number): CellGroup {
    const isLarge = this.#newest?.isLarge ?? false;
    this.#usualSize = Math.max(this.#newest?.size ?? 0, this.#usualSize);
    if (this.#numbers.size > numbersPerKey * this.#usualSize + spareNumbers) this.#numbers = new KeyNumbers();
    const form = { name: `${this.#prefix}${start}`, isTracked: this.#isTracked, countsEvents: this.#countsEvents };
    const group = new CellGroup(start, end, form, isLarge ? undefined : this.#numbers, this.#usualSize);
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
    this.#usualSize = Math.max(group.size, Math.floor(this.#usualSize / 2));
    if (this.#newest === group) this.#newest = undefined;
    if (this.#noted === group) this.#noted = undefined;
    this.#changed.delete(group);
    if (group.isStored) this.#dropped.push(group);
  }

  /** @param operator named in the error about an accumulator that is no plain data */
  take(operator: string): StateChange[] {
    const parts: (readonly StateChange[])[] = [];
    const dropped = this.#dropped;
    this.#dropped = [];
    for (const group of dropped) parts.push(this.#takeDropped(group));
    for (const group of this.#changed) parts.push(this.#takeGroup(group, operator));
    this.#changed.clear();
    this.#noted = undefined;
    return parts.flat();
  }

  #takeGroup(group: CellGroup, operator: string): readonly StateChange[] {
    group.isStored = true;
    const title = stateTitle(operator, group.name);
    const encoded = group.takeEncoded(this.#form, title);
    if (encoded !== undefined) return encoded.count === 0 ? [] : [encoded];
    return group.takeChanged().map((entry): StateEntry => {
      const told = group.toldOf(entry);
      if (!told.isStored) group.keep(entry, { ...told, isStored: true });
      const stored: StoredCell = [group.valueOf(entry), told.revision, told.sinceResult];
      return [group.name, group.keyOf(entry), true, stored, this.#form];
    });
  }

  #takeDropped(group: CellGroup): readonly StateChange[] {
    const encoded = group.encodedAsGone(this.#form);
    if (encoded !== undefined) return encoded.count === 0 ? [] : [encoded];
    const entries: StateEntry[] = [];
    const walk = group.walk();
    for (let entry = walk.next(); entry >= 0; entry = walk.next()) {
      if (group.toldOf(entry).isStored) entries.push([group.name, group.keyOf(entry), false, undefined, this.#form]);
    }
    return entries;
  }
}

/** The start of the group that a state is of; undefined for a state whose name has another prefix. */
export function startOfName(name: string, prefix = windowPrefix): number | undefined {
  return name.startsWith(prefix) ? Number(name.slice(prefix.length)) : undefined;
}

/** Puts a stored cell into its group; its entry. */
export function restoreCell(group: CellGroup, key: Key, stored: unknown): number {
  const [accumulator, revision, sinceResult] = stored as StoredCell;
  return group.restore(key, accumulator, { revision, sinceResult, isStored: true, isWaiting: false });
}
