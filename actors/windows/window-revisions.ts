/**
 * WindowRevisions: how often sliding windows have told a result after the first. Kept only for windows that late events have come to:
 * whether there was a first one, their panes say.
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateChange } from "../epochs/state-delta.ts";
import type { StateForm } from "../state/state-form.ts";
import type { StateSize } from "../state/state-size.ts";
import type { CellGroup } from "./cell-group.ts";
import { GroupList } from "./group-list.ts";
import { CellChanges, restoreCell, startOfName } from "./window-cells.ts";

/** In front of the end of a window, what its entries in the state are called. */
const prefix = "results until ";

export class WindowRevisions {
  readonly #changes: CellChanges;
  /** By the ends of their windows. */
  readonly #groups = new GroupList();

  constructor(form: StateForm) {
    this.#changes = new CellChanges(form, false, prefix);
  }

  /** Of the result that follows, of a window that has told one: 1, 2 ... */
  next(key: Key, end: number): number {
    const group = this.#groupOf(end);
    const found = group.find(key);
    const entry = found < 0 ? group.addNew(key, undefined) : found;
    group.noteResult(entry, false);
    this.#changes.note(group);
    return group.revisionOf(entry);
  }

  /** Windows that end at or before `end` are over. */
  dropUntil(end: number): void {
    if (this.#groups.size === 0) return;
    for (const group of this.#groups.dropFirst(this.#groups.countBefore(end + 1))) this.#changes.dropGroup(group);
  }

  get stateSize(): StateSize {
    return this.#groups.stateSize;
  }

  snapshot(operator: string): readonly StateChange[] {
    return this.#changes.take(operator);
  }

  restore(state: readonly StateGroup[]): void {
    this.#changes.track();
    for (const { name, values } of state) {
      const end = startOfName(name, prefix);
      if (end === undefined) continue;
      const group = this.#groupOf(end);
      for (const [key, stored] of values) restoreCell(group, key, stored);
    }
  }

  #groupOf(end: number): CellGroup {
    const known = this.#groups.find(end);
    if (known !== undefined) return known;
    const group = this.#changes.newGroup(end, end);
    this.#groups.add(group);
    return group;
  }
}
