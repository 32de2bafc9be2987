/**
 * KeptRows: the end of a query that is measured: each instance keeps what comes, and hands it on when the stream has ended, behind the time
 * at which that was. So the rows can be looked at, and how they get to where that is done is not measured.
 */

import type { ProcessContext, ProcessOperator } from "../../../jobs/index.ts";

/** What is in front of the rows of an instance. */
export interface RowsEnded {
  /** In ms since the epoch, as precise as the clock is. */
  readonly rowsEndedAt: number;
}

/** That are handed on together: of one shape, they travel as columns. */
const rowsPerPiece = 1_000;

export class KeptRows implements ProcessOperator<object, object> {
  readonly #rows: object[] = [];

  onEvent(row: object): void {
    this.#rows.push(row);
  }

  *onEnd(context: ProcessContext<object>): Generator<void, void> {
    context.emit({ rowsEndedAt: performance.timeOrigin + performance.now() } satisfies RowsEnded);
    for (const [index, row] of this.#rows.entries()) {
      if (index % rowsPerPiece === 0) yield;
      context.emit(row);
    }
  }
}

/** What the instances have handed on: the rows, and when the last of them had the last one. */
export function rowsAndEnd(kept: readonly object[]): { readonly rows: readonly object[]; readonly endedAt: number } {
  const rows: object[] = [];
  let endedAt = Number.NEGATIVE_INFINITY;
  for (const one of kept) {
    if ("rowsEndedAt" in one) endedAt = Math.max(endedAt, (one as RowsEnded).rowsEndedAt);
    else rows.push(one);
  }
  return { rows, endedAt };
}
