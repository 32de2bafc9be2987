/** EpochStatistics: how long the epochs of a run took, where the time went, and how much state they saved. */

import type { CellSnapshot } from "../../actors/index.ts";

/** One epoch whose checkpoint is complete. */
export interface EpochFigures {
  readonly epoch: number;
  /** From its start until its checkpoint was complete: `barrierMs` and `writeMs`. */
  readonly durationMs: number;
  /** Until every cell had acknowledged it. */
  readonly barrierMs: number;
  /** Of that, the longest that the inputs of one cell waited for each other's barriers. */
  readonly alignmentMs: number;
  /** Until the checkpoint was durable. */
  readonly writeMs: number;
  /** Of state that had changed, encoded. */
  readonly stateBytes: number;
}

export interface EpochReport {
  /** Epochs whose checkpoint is complete, of this run. */
  readonly completed: number;
  /** Given up because nothing moved. What was saved for them is part of the next. */
  readonly givenUp: number;
  readonly last: EpochFigures | undefined;
  readonly average: Omit<EpochFigures, "epoch"> | undefined;
  /** Each figure the largest of all epochs. */
  readonly max: Omit<EpochFigures, "epoch"> | undefined;
  readonly inFlight: EpochInFlight | undefined;
}

export interface EpochInFlight {
  readonly epoch: number;
  readonly forMs: number;
  /** Whether cells still have to acknowledge it, or its checkpoint is being written. */
  readonly phase: "barrier" | "write";
}

const names = ["durationMs", "barrierMs", "alignmentMs", "writeMs", "stateBytes"] as const;
type Sums = Record<(typeof names)[number], number>;

export class EpochStatistics {
  #completed = 0;
  #givenUp = 0;
  #last: EpochFigures | undefined;
  readonly #sum: Sums = zero();
  readonly #max: Sums = zero();
  #running: { readonly epoch: number; readonly startMs: number; barrierMs: number | undefined } | undefined;
  #alignmentMs = 0;
  #stateBytes = 0;

  get completed(): number {
    return this.#completed;
  }

  started(epoch: number, nowMs: number): void {
    this.#running = { epoch, startMs: nowMs, barrierMs: undefined };
    this.#alignmentMs = 0;
  }

  /** A cell acknowledged an epoch. */
  snapshotted({ deltas }: CellSnapshot, alignmentMs: number): void {
    this.#alignmentMs = Math.max(this.#alignmentMs, alignmentMs);
    for (const delta of Object.values(deltas)) this.#stateBytes += delta.byteLength;
  }

  /** Every cell has acknowledged. */
  acknowledged(nowMs: number): void {
    if (this.#running !== undefined) this.#running.barrierMs = nowMs - this.#running.startMs;
  }

  /** Its checkpoint is complete. Returns its figures. */
  complete(nowMs: number): EpochFigures | undefined {
    const running = this.#running;
    if (running === undefined) return undefined;
    const durationMs = nowMs - running.startMs;
    const barrierMs = running.barrierMs ?? durationMs;
    const figures: EpochFigures = {
      epoch: running.epoch,
      durationMs,
      barrierMs,
      alignmentMs: this.#alignmentMs,
      writeMs: durationMs - barrierMs,
      stateBytes: this.#stateBytes,
    };
    this.#running = undefined;
    this.#stateBytes = 0;
    this.#completed += 1;
    this.#last = figures;
    for (const name of names) {
      this.#sum[name] += figures[name];
      this.#max[name] = Math.max(this.#max[name], figures[name]);
    }
    return figures;
  }

  /** The epoch in flight is not waited for any more. */
  givenUp(): void {
    this.#givenUp += 1;
    this.#running = undefined;
  }

  /** The epoch in flight is cancelled, because cells start over. */
  cancelled(): void {
    this.#running = undefined;
  }

  report(nowMs: number): EpochReport {
    const count = this.#completed;
    const average = zero();
    for (const name of names) average[name] = this.#sum[name] / Math.max(1, count);
    const running = this.#running;
    return {
      completed: count,
      givenUp: this.#givenUp,
      last: this.#last,
      average: count === 0 ? undefined : average,
      max: count === 0 ? undefined : { ...this.#max },
      inFlight: running && {
        epoch: running.epoch,
        forMs: nowMs - running.startMs,
        phase: running.barrierMs === undefined ? "barrier" : "write",
      },
    };
  }
}

function zero(): Sums {
  return { durationMs: 0, barrierMs: 0, alignmentMs: 0, writeMs: 0, stateBytes: 0 };
}
