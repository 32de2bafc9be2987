/** GroupList: the windows or panes that are kept, in the order of their starts, and by start. */

import { type StateSize, sumOfSizes } from "../state/state-size.ts";
import type { CellGroup } from "./cell-group.ts";

export class GroupList {
  readonly #inOrder: CellGroup[] = [];
  readonly #byStart = new Map<number, CellGroup>();

  get size(): number {
    return this.#inOrder.length;
  }

  get stateSize(): StateSize {
    return sumOfSizes(this.#inOrder.map(({ stateSize }) => stateSize));
  }

  find(start: number): CellGroup | undefined {
    return this.#byStart.get(start);
  }

  at(index: number): CellGroup | undefined {
    return this.#inOrder[index];
  }

  /** Those that begin at or after `from`, and before `to`. */
  between(from: number, to: number): readonly CellGroup[] {
    return this.#inOrder.slice(this.countBefore(from), this.countBefore(to));
  }

  /** How many begin before a time. */
  countBefore(start: number): number {
    let low = 0;
    let high = this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#inOrder[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(group: CellGroup): void {
    const last = this.#inOrder.at(-1);
    if (last === undefined || last.start < group.start) this.#inOrder.push(group);
    else this.#inOrder.splice(this.countBefore(group.start), 0, group);
    this.#byStart.set(group.start, group);
  }

  /** Takes out the first `count`. */
  dropFirst(count: number): readonly CellGroup[] {
    const dropped = this.#inOrder.splice(0, count);
    for (const { start } of dropped) this.#byStart.delete(start);
    return dropped;
  }
}
