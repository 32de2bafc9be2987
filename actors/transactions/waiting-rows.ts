/** WaitingRows: events that a sink has taken and not written yet, with what is to be written of each. */

import { waitingRowsMax, writeBufferBytesMax } from "../limits.ts";

export interface TakenRows {
  readonly events: readonly unknown[];
  readonly rows: readonly unknown[];
}

export class WaitingRows {
  #events: unknown[] = [];
  #rows: unknown[] = [];
  /** Of rows that are texts or bytes. */
  #bytes = 0;

  get length(): number {
    return this.#rows.length;
  }

  /** True when no more should be added before some are taken. */
  get isFull(): boolean {
    return this.#rows.length >= waitingRowsMax || this.#bytes >= writeBufferBytesMax;
  }

  get events(): readonly unknown[] {
    return this.#events;
  }

  add(event: unknown, row: unknown): void {
    this.#events.push(event);
    this.#rows.push(row);
    this.#bytes += bytesOf(row);
  }

  /** Takes out the first `count`. */
  take(count: number): TakenRows {
    const taken = { events: this.#events.splice(0, count), rows: this.#rows.splice(0, count) };
    this.#bytes -= taken.rows.reduce((sum: number, row) => sum + bytesOf(row), 0);
    return taken;
  }
}

function bytesOf(row: unknown): number {
  if (typeof row === "string") return row.length;
  return row instanceof Uint8Array ? row.byteLength : 0;
}
