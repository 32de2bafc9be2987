/** SwarmReach: how far the sources of a run have come, in whichever life of its process; what is read again counts once. */

import { instanceOf } from "./swarm-item.ts";
import type { SwarmItem } from "./swarm-plan.ts";

export class SwarmReach {
  /** By source instance. */
  readonly #last = new Map<string, number>();
  #eventCount = 0;

  /** Items that were emitted. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** An item was emitted, and so were those of its instance before it. */
  note(item: SwarmItem): SwarmItem {
    const last = this.#lastOf(item);
    if (item.seq > last) {
      this.#last.set(instanceOf(item), item.seq);
      this.#eventCount += item.seq - last;
    }
    return item;
  }

  /** Whether its source instance has come so far. */
  has(item: SwarmItem): boolean {
    return item.seq <= this.#lastOf(item);
  }

  #lastOf(item: SwarmItem): number {
    return this.#last.get(instanceOf(item)) ?? -1;
  }
}
