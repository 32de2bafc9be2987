/**
 * EpochCoordinator: starts epochs at an interval, one at a time, and makes a checkpoint of each whose cells have all
 * acknowledged it. The end of a run waits for an epoch that began after every cell had ended.
 */

import type { CellRestore, CellSnapshot } from "../../actors/index.ts";
import type { CancelTimer, Clock, DeadLetterPost } from "../../runtime/index.ts";
import { CheckpointLog } from "./checkpoint-log.ts";
import { EpochLedger } from "./epoch-ledger.ts";

export interface EpochActions {
  /** Whether every cell runs, so that an epoch can be started. */
  canStart(): boolean;
  /** Lets the sources emit the barrier of an epoch. */
  startEpoch(epoch: number): void;
  /** Tells every cell that the checkpoint of an epoch is complete, and publishes the dead letters that are part of it. */
  completeEpoch(epoch: number, deadLetters: readonly DeadLetterPost[]): void;
}

export class EpochCoordinator {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #actions: EpochActions;
  readonly #ledger: EpochLedger;
  readonly #log = new CheckpointLog();
  #cancelTimer: CancelTimer = () => undefined;
  /** Set when the run waits for its last checkpoint. */
  #last: { readonly resolve: () => void; startedAs: number | undefined } | undefined;
  #completedCount = 0;

  constructor(clock: Clock, intervalMs: number, cells: Iterable<string>, actions: EpochActions) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#actions = actions;
    this.#ledger = new EpochLedger(cells);
  }

  /** The last complete checkpoint; 0 before the first. */
  get epoch(): number {
    return this.#log.epoch;
  }

  get completedCount(): number {
    return this.#completedCount;
  }

  /** The epoch in flight, if the cell has not acknowledged it. */
  dueFor(cell: string): number | undefined {
    return this.#ledger.hasAcknowledged(cell) ? undefined : this.#ledger.inFlight;
  }

  restoreOf(cell: string): CellRestore | undefined {
    return this.#log.restoreOf(cell);
  }

  begin(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(this.#intervalMs, () => this.#tick());
  }

  stop(): void {
    this.#cancelTimer();
  }

  acknowledge(cell: string, snapshot: CellSnapshot): void {
    const complete = this.#ledger.acknowledge(cell, snapshot);
    if (complete === undefined) return;
    const { epoch } = snapshot;
    this.#log.commit(epoch, complete);
    this.#completedCount += 1;
    this.#actions.completeEpoch(epoch, deadLettersOf(complete));
    if (this.#last === undefined) return this.begin();
    if (this.#last.startedAs === epoch) this.#last.resolve();
    else this.#startLast();
  }

  /** Cells start over from the last complete checkpoint. */
  startOver(cells: Iterable<string>): void {
    for (const cell of cells) this.#ledger.forget(cell);
  }

  /** Gives the epoch in flight up; the next one is started at the interval. */
  cancelEpoch(): void {
    this.#ledger.cancel();
    if (this.#last !== undefined) this.#last.startedAs = undefined;
    this.begin();
  }

  /** Every cell has ended: resolves when a checkpoint of that is complete. */
  finish(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = { resolve, startedAs: undefined };
    this.#startLast();
    return promise;
  }

  /** Some cell has not ended any more: it started over. */
  unfinish(): void {
    if (this.#last === undefined) return;
    this.#last = undefined;
    this.begin();
  }

  #tick(): void {
    if (this.#last !== undefined) return this.#startLast();
    if (this.#ledger.inFlight === undefined && this.#actions.canStart()) this.#actions.startEpoch(this.#ledger.start());
    else this.begin();
  }

  #startLast(): void {
    if (this.#last === undefined || this.#ledger.inFlight !== undefined) return;
    this.#last.startedAs = this.#ledger.start();
    this.#actions.startEpoch(this.#last.startedAs);
  }
}

function deadLettersOf(snapshots: ReadonlyMap<string, readonly CellSnapshot[]>): DeadLetterPost[] {
  return [...snapshots.values()].flat().flatMap(({ deadLetters }) => (deadLetters === undefined ? [] : [deadLetters]));
}
