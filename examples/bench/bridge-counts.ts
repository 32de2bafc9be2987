/**
 * Events per bridge. Every contender counts with this class, so a difference between two of them is the price of
 * moving events, not of counting them. One mutable cell per key: half the map operations of get and set.
 */

import { bridgeCount } from "./bridge-event.ts";

interface Cell {
  count: number;
}

export class BridgeCounts {
  readonly #cells = new Map<number, Cell>();

  add(bridge: number): void {
    const cell = this.#cells.get(bridge);
    if (cell === undefined) this.#cells.set(bridge, { count: 1 });
    else cell.count++;
  }

  /** The counts by bridge number, with zeros for bridges that were never crossed. */
  toAnswer(): number[] {
    return Array.from({ length: bridgeCount }, (_, bridge) => this.#cells.get(bridge)?.count ?? 0);
  }
}
