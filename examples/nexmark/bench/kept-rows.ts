/**
 * KeptRows: the end of a query that is measured: each instance keeps what comes, and hands it on when the stream has ended, with the time
 * at which that was. So the rows can be looked at, and how they get to where that is done is not measured.
 */

import type { ProcessContext, ProcessOperator } from "../../../jobs/index.ts";

export interface RowsKept {
  /** In ms since the epoch, as precise as the clock is. */
  readonly endedAt: number;
  readonly rows: readonly object[];
}

/** Of one result. */
const rowsMax = 10_000;

export class KeptRows implements ProcessOperator<object, RowsKept> {
  readonly #rows: object[] = [];

  onEvent(row: object): void {
    this.#rows.push(row);
  }

  onEnd(context: ProcessContext<RowsKept>): void {
    const endedAt = performance.timeOrigin + performance.now();
    for (let from = 0; from === 0 || from < this.#rows.length; from += rowsMax) {
      context.emit({ endedAt, rows: this.#rows.slice(from, from + rowsMax) });
    }
  }
}
