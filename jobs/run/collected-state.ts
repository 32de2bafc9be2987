/**
 * CollectedState: what a `collect` sink has collected, as state of its operator: in a checkpoint that outlives the process,
 * so that a run that goes on from it has what the runs before had collected, shown or not.
 *
 * One entry per snapshot, under the number of its first event: what was collected is only ever added to.
 */

import { entriesOf, type StateEntry, type StateGroup } from "../../actors/index.ts";
import type { CollectedEvents } from "./collected-events.ts";

const stateName = "collected";

export class CollectedState {
  readonly #collected: CollectedEvents;
  #count = 0;

  /** @param collected what the run shows as collected */
  constructor(collected: CollectedEvents) {
    this.#collected = collected;
  }

  /** Events that snapshots hold. */
  get count(): number {
    return this.#count;
  }

  /** The state of the events that were collected since the snapshot before. */
  snapshot(events: readonly unknown[]): readonly StateEntry[] {
    if (events.length === 0) return [];
    const first = this.#count;
    this.#count += events.length;
    return [[stateName, first, true, events]];
  }

  /** Goes on from a checkpoint: what it holds and this run has not shown is shown. */
  restore(state: readonly StateGroup[]): void {
    const events = entriesOf(state).flatMap(([, , , part]) => part as readonly unknown[]);
    this.#count = events.length;
    this.#collected.add(events, Math.min(this.#collected.length, events.length));
  }
}
