/**
 * BatchSlicer: how many events of a batch a turn takes at once. A cheap operator gets whole batches; an expensive one
 * gets slices that take about the budget, so that one slow operator does not hold up its host. Nothing is known of an
 * operator at first, so slices begin small.
 */

import { batchEventsMax, firstSliceEvents, sliceBudgetMs } from "../limits.ts";

export class BatchSlicer {
  #sliceEvents = firstSliceEvents;

  get sliceEvents(): number {
    return this.#sliceEvents;
  }

  /** A slice took `elapsedMs`: halves the next one above the budget, doubles it well below. */
  took(elapsedMs: number): void {
    if (elapsedMs > sliceBudgetMs) this.#sliceEvents = Math.max(1, this.#sliceEvents >> 1);
    else if (elapsedMs * 4 < sliceBudgetMs) this.#sliceEvents = Math.min(batchEventsMax, this.#sliceEvents * 2);
  }
}
