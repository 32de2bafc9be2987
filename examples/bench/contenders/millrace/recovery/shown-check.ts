/** ShownCheck: whether what the job has shown is what a run without faults shows: each shown event next to the one before. */

import { type Shown, shownEvery } from "./recovering-job.ts";

export class ShownCheck {
  readonly #keys: number;
  #next: number | undefined;
  #wrongCount = 0;

  /** @param next the index that is shown first; undefined for any */
  constructor(keys: number, next: number | undefined) {
    this.#keys = keys;
    this.#next = next;
  }

  /** Results that were missing, doubled or of a wrong count. */
  get wrongCount(): number {
    return this.#wrongCount;
  }

  add({ index, count }: Shown): void {
    const isNext = this.#next === undefined || index === this.#next;
    if (!isNext || count !== Math.floor(index / this.#keys) + 1) this.#wrongCount += 1;
    this.#next = index + shownEvery;
  }
}
