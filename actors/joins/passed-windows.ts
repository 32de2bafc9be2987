/**
 * PassedWindows: up to where the windows of each key have been joined, where an event may be in one that has been and in one that has
 * not. Where windows do not overlap an event leaves with its window, and nothing is to be noted.
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { KeyedCell, KeyedState } from "../state/keyed-state.ts";
import type { StateForm } from "../state/state-form.ts";
import type { StateSize } from "../state/state-size.ts";
import { plainCells } from "../state/state-table.ts";
import { toldChanges } from "../state/told-changes.ts";

const stateName = "passed windows";
const form: StateForm = { kind: "passed windows", version: 1, owner: "key" };

export class PassedWindows {
  readonly #overlap: boolean;
  readonly #times = new KeyedState<number>(false, plainCells<number>().packing);

  constructor(overlap: boolean) {
    this.#overlap = overlap;
  }

  /** Windows whose last moment is not behind it have been joined. */
  of(key: Key): number {
    if (!this.#overlap) return Number.NEGATIVE_INFINITY;
    return this.#times.find(key)?.value ?? Number.NEGATIVE_INFINITY;
  }

  /** All windows of a key that end by then have been joined; there were none of it where nothing was noted. */
  raise(key: Key, time: number): void {
    if (!this.#overlap) return;
    const cell = this.#times.find(key);
    if (cell === undefined) this.#times.add(new KeyedCell(key, time));
    else if (cell.value < time) this.#times.write(cell, time);
  }

  forget(key: Key): void {
    if (!this.#overlap) return;
    const cell = this.#times.find(key);
    if (cell !== undefined) this.#times.remove(cell);
  }

  get stateSize(): StateSize {
    return this.#times.stateSize;
  }

  /** As of KeyedState. */
  expect(keys: readonly Key[], from: number, index: number, to: number): void {
    this.#times.expect(keys, from, index, to);
  }

  snapshot(): readonly StateEntry[] {
    return toldChanges(this.#times, stateName, form);
  }

  restore(groups: readonly StateGroup[]): void {
    this.#times.track();
    for (const { name, values } of groups) {
      if (name !== stateName) continue;
      for (const [key, time] of values) this.#times.restore(new KeyedCell(key, time as number));
    }
  }
}
