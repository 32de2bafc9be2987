/**
 * PaneSlider: what the panes of one key that are in a sliding window hold together. Panes come in at the end and go out at the
 * front, and the whole is asked for in between: the two stacks of a queue with an aggregate ("adamax", Stack Overflow 2011; see
 * K. Tangwongsan, M. Hirzel, S. Schneider, "In-Order Sliding-Window Aggregation in Worst-Case Constant Time", 2021, section 3). Needs no
 * inverse, and merges a pane about three times, whatever the number of panes in the window.
 *
 * Invariants
 *  P1  the front holds, for each of its panes, what that pane and all behind it in the front hold together, the oldest pane on top.
 *  P2  accumulators of panes are never changed: what is kept here are merged copies.
 *
 * Not here: which panes are in a window (paned-windows.ts).
 */

import type { Aggregate } from "../aggregates/aggregate.ts";
import type { WindowCell } from "./window-cells.ts";

export class PaneSlider {
  readonly #aggregate: Aggregate<unknown, unknown, unknown>;
  /** The starts of the panes in the front, the oldest last, and what is behind each of them. */
  readonly #frontStarts: number[] = [];
  readonly #frontTotals: unknown[] = [];
  /** The panes that came after those, oldest first. */
  #back: WindowCell[] = [];
  #backTotal: unknown;

  constructor(aggregate: Aggregate<unknown, unknown, unknown>) {
    this.#aggregate = aggregate;
  }

  get isEmpty(): boolean {
    return this.#frontStarts.length === 0 && this.#back.length === 0;
  }

  /** A pane that is newer than all others. */
  push(pane: WindowCell): void {
    const aggregate = this.#aggregate;
    const total = this.#back.length === 0 ? aggregate.create() : this.#backTotal;
    this.#backTotal = aggregate.merge!(total, pane.accumulator);
    this.#back.push(pane);
  }

  /** Panes that begin before `start` are in the window no more. */
  dropBefore(start: number): void {
    const starts = this.#frontStarts;
    while (starts.length > 0 && starts.at(-1)! < start) {
      starts.pop();
      this.#frontTotals.pop();
    }
    if (starts.length > 0 || this.#back.length === 0 || this.#back[0]!.group.start >= start) return;
    this.#back = this.#back.filter(({ group }) => group.start >= start);
    this.#turn();
  }

  /** What the panes hold together; not to be changed. */
  total(): unknown {
    const front = this.#frontTotals.at(-1);
    if (this.#frontTotals.length === 0) return this.#backTotal;
    if (this.#back.length === 0) return front;
    const aggregate = this.#aggregate;
    return aggregate.merge!(aggregate.merge!(aggregate.create(), front), this.#backTotal);
  }

  /** Moves the back to the front, which is empty. */
  #turn(): void {
    const aggregate = this.#aggregate;
    let behind: unknown;
    for (let index = this.#back.length - 1; index >= 0; index -= 1) {
      const { group, accumulator } = this.#back[index]!;
      const total = aggregate.merge!(aggregate.create(), accumulator);
      behind = this.#frontTotals.length === 0 ? total : aggregate.merge!(total, behind);
      this.#frontStarts.push(group.start);
      this.#frontTotals.push(behind);
    }
    this.#back = [];
    this.#backTotal = undefined;
  }
}
