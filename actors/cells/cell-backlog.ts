/**
 * CellBacklog: how many events would be lost with the thread of a cell if it died now and nothing were sent again: those that
 * its operators hold, that wait in its outboxes, and that are in flight from them, because what arrives from a sender that is
 * gone is dropped; and those that its outboxes have lost before, which nobody else may know yet. The number stands in memory
 * that the main thread can read when this one is gone.
 *
 * Invariant
 *  B1  what a cell has taken is told before its sender hears that it was consumed: no event is missed on its way between two
 *      cells (runtime/threads/unfinished-work.ts).
 *
 * Not here: what is in flight to the cell; the outboxes it comes from count that (outbox.ts).
 */

import { countWork, progressField } from "../../runtime/index.ts";
import type { OutputChannel } from "../channels/output-edge.ts";

export class CellBacklog {
  readonly #progress: Int32Array;
  readonly #channels: ReadonlyMap<number, OutputChannel>;
  /** What this cell has added to the number. */
  #told = 0;

  /** @param progress shared with the main thread; where it is too short nobody looks */
  constructor(progress: Int32Array, channels: ReadonlyMap<number, OutputChannel>) {
    this.#progress = progress;
    this.#channels = channels;
  }

  /**
   * Brings the number up to date; costs a look at each channel.
   *
   * @param heldEvents by its operators, and on their way to a channel
   */
  tell(heldEvents: number): void {
    let events = heldEvents;
    for (const { loadEvents, outbox } of this.#channels.values()) events += loadEvents + outbox.lostEvents;
    this.#set(events);
  }

  /** The cell has stopped, in whichever way: its thread lives. */
  end(): void {
    this.#set(0);
  }

  #set(events: number): void {
    if (events === this.#told || this.#progress.length <= progressField.workDone) return;
    countWork(this.#progress, events - this.#told);
    this.#told = events;
  }
}
