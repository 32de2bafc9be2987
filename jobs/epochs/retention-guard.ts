/**
 * RetentionGuard: what the outboxes of a run keep for a replay, as its cells have told, and what is to be done about it.
 * Above half of the limit an epoch is due, whatever the interval; at the limit sources pause, until no more than half is kept.
 *
 * It comes to an end: once the sources pause, operators work off what is on its way, an epoch that starts behind that leaves
 * nothing, and barriers pass because nothing but reading is paused.
 *
 * Invariant
 *  G1  sources pause from when the limit is reached until half of it, or less, is kept.
 */

import { mutated } from "../../runtime/index.ts";

export class RetentionGuard {
  readonly #limitBytes: number;
  readonly #bytesByCell = new Map<string, number>();
  #bytes = 0;
  #isPaused = false;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** What all cells keep, as they told last. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether an epoch is due. */
  get isRaised(): boolean {
    return this.#bytes * 2 > this.#limitBytes;
  }

  /** Whether sources pause. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** A cell keeps `bytes`, none when it starts over. Returns whether sources are to pause or to read on, if that changes. */
  note(cell: string, bytes: number): "pause" | "resume" | undefined {
    this.#bytes += bytes - (this.#bytesByCell.get(cell) ?? 0);
    this.#bytesByCell.set(cell, bytes);
    if (!this.#isPaused && this.#bytes >= this.#limitBytes && !mutated("retention.never-pauses")) {
      this.#isPaused = true;
      return "pause";
    }
    if (this.#isPaused && !this.isRaised) {
      this.#isPaused = false;
      return "resume";
    }
    return undefined;
  }
}
