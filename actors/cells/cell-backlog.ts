/**
 * CellBacklog: how many events would be lost with the thread of a cell if it died now and nothing were sent again: those that
 * its operators hold, that wait in its outboxes, and that are in flight from them, because what arrives from a sender that is
 * gone is dropped. The number stands in memory that the main thread can read when this one is gone.
 *
 * Not here: what is in flight to the cell; the outboxes it comes from count that (outbox.ts).
 */

import { progressField } from "../../runtime/index.ts";
import type { OutputChannel } from "../channels/output-edge.ts";

export class CellBacklog {
  readonly #progress: Int32Array;
  readonly #channels: ReadonlyMap<number, OutputChannel>;
  /** What this cell has added to the number. */
  #told = 0;

  /** @param progress shared with the main thread; that of the main thread itself has no such number */
  constructor(progress: Int32Array, channels: ReadonlyMap<number, OutputChannel>) {
    this.#progress = progress;
    this.#channels = channels;
  }

  /**
   * Brings the number up to date; costs a look at each channel.
   *
   * @param heldEvents by its operators
   */
  tell(heldEvents: number): void {
    let events = heldEvents;
    for (const { loadEvents } of this.#channels.values()) events += loadEvents;
    this.#set(events);
  }

  /** The cell has stopped, in whichever way: its thread lives. */
  end(): void {
    this.#set(0);
  }

  #set(events: number): void {
    if (events === this.#told || this.#progress.length <= progressField.unfinishedWork) return;
    Atomics.add(this.#progress, progressField.unfinishedWork, events - this.#told);
    this.#told = events;
  }
}
