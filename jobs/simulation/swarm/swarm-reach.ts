/** SwarmReach: how far the sources of a run have come, in whichever life of its process; what is read again counts once. */

import type { SwarmItem } from "./swarm-plan.ts";

export class SwarmReach {
  /** By source instance. */
  readonly #last = new Map<string, number>();
  #eventCount = 0;

  /** Items that were emitted. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** An item is emitted; those of one instance in order. */
  note(item: SwarmItem): SwarmItem {
    const instance = instanceOf(item);
    const last = this.#last.get(instance) ?? -1;
    if (item.seq > last) {
      this.#last.set(instance, item.seq);
      this.#eventCount += item.seq - last;
    }
    return item;
  }
}

/** The source instance whose key it has. */
export function instanceOf({ key }: SwarmItem): string {
  return key.slice(0, key.lastIndexOf("/"));
}
