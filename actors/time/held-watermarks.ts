/**
 * HeldWatermarks: watermarks that wait until the events before them have left an operator that works on many at a time. Events
 * are numbered from 0 as they are taken. Pure; holds at most one watermark more than there are events in flight.
 */

import type { Watermark } from "./watermark.ts";

export class HeldWatermarks {
  /** Oldest first; each waits for the events with a lower number than `behind`. */
  readonly #held: { readonly watermark: Watermark; readonly behind: number }[] = [];

  get size(): number {
    return this.#held.length;
  }

  /** @param behind how many events have been taken */
  hold(watermark: Watermark, behind: number): void {
    if (this.#held.at(-1)?.behind === behind) this.#held.pop();
    this.#held.push({ watermark, behind });
  }

  /**
   * The newest watermark that no event is in flight before, taken out.
   *
   * @param oldest the number of the oldest event in flight; undefined when there is none
   */
  release(oldest: number | undefined): Watermark | undefined {
    const count = this.#held.findLastIndex(({ behind }) => oldest === undefined || behind <= oldest) + 1;
    return this.#held.splice(0, count).at(-1)?.watermark;
  }
}
