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

export class PaneSlider {
  readonly #aggregate: Aggregate<unknown, unknown, unknown>;
  /** The starts of the panes in the front, the oldest last, and what is behind each of them. */
  readonly #frontStarts: number[] = [];
  readonly #frontTotals: unknown[] = [];
  /** The starts and the accumulators of the panes that came after those, oldest first. */
  #backStarts: number[] = [];
  #back: unknown[] = [];
  #backTotal: unknown;

  constructor(aggregate: Aggregate<unknown, unknown, unknown>) {
    this.#aggregate = aggregate;
  }

  get isEmpty(): boolean {
    return this.#frontStarts.length === 0 && this.#back.length === 0;
  }

  /** A pane that is newer than all others, with what it holds. */
  push(start: number, accumulator: unknown): void {
    const aggregate = this.#aggregate;
    const total = this.#back.length === 0 ? aggregate.create() : this.#backTotal;
    this.#backTotal = aggregate.merge!(total, accumulator);
    this.#backStarts.push(start);
    this.#back.push(accumulator);
  }

  /** Panes that begin before `start` are in the window no more. */
  dropBefore(start: number): void {
    const starts = this.#frontStarts;
    while (starts.length > 0 && starts.at(-1)! < start) {
      starts.pop();
      this.#frontTotals.pop();
    }
    const backStarts = this.#backStarts;
    if (starts.length > 0 || backStarts.length === 0 || backStarts[0]! >= start) return;
    const gone = backStarts.filter((each) => each < start).length;
    backStarts.splice(0, gone);
    this.#back.splice(0, gone);
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
      const total = aggregate.merge!(aggregate.create(), this.#back[index]);
      behind = this.#frontTotals.length === 0 ? total : aggregate.merge!(total, behind);
      this.#frontStarts.push(this.#backStarts[index]!);
      this.#frontTotals.push(behind);
    }
    this.#backStarts = [];
    this.#back = [];
    this.#backTotal = undefined;
  }
}
