/**
 * JobEpochs: the epochs of a run as its cells take part in them: what cells tell goes to the coordinator and to the guard of
 * what outboxes keep, and what these decide goes to the cells.
 */

import { type StreamSignal, signalKind } from "../../actors/index.ts";
import { type Host, toWire } from "../../runtime/index.ts";
import { EpochCoordinator } from "../epochs/epoch-coordinator.ts";
import type { EpochSettings } from "../epochs/epoch-options.ts";
import { RetentionGuard } from "../epochs/retention-guard.ts";
import { warnOfSlowEpoch } from "../epochs/slow-epoch.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import { passCheckpoint } from "./failure-counts.ts";
import type { JobCell } from "./job-cell.ts";

export interface JobEpochsHooks {
  isSource(cell: JobCell): boolean;
  signal(cell: JobCell, signal: StreamSignal): void;
  fail(error: Error): void;
}

export class JobEpochs {
  readonly coordinator: EpochCoordinator;
  readonly #cells: readonly JobCell[];
  readonly #hooks: JobEpochsHooks;
  readonly #retention: RetentionGuard;

  constructor(
    host: Host,
    settings: EpochSettings,
    store: CheckpointStore,
    cells: readonly JobCell[],
    hooks: JobEpochsHooks,
  ) {
    this.#cells = cells;
    this.#hooks = hooks;
    this.#retention = new RetentionGuard(settings.retentionBytes);
    this.coordinator = new EpochCoordinator(
      host.clock,
      settings.intervalMs,
      store,
      cells.map(({ key }) => key),
      {
        canStart: () => cells.every(({ started }) => started),
        isPressed: () => this.#retention.isRaised,
        startEpoch: (epoch) => this.#tellSources([signalKind.epoch, epoch]),
        completeEpoch: (epoch, deadLetters) => {
          for (const post of deadLetters) host.publish({ kind: "dead-letters", ...post });
          for (const cell of cells) {
            passCheckpoint(cell.failures);
            hooks.signal(cell, [signalKind.complete, epoch]);
          }
        },
        onSlow: (epoch, keys) => {
          const waitedFor = cells.filter(({ key }) => keys.includes(key));
          warnOfSlowEpoch(host.logger, epoch, waitedFor);
        },
        onRetry: (epoch, attempt, error) => {
          const { message } = toWire(error);
          host.logger.log("warn", "a checkpoint could not be written", { place: store.place, epoch, attempt, message });
        },
        fail: (error) => hooks.fail(error),
      },
    );
  }

  /** The outboxes of a cell keep `bytes`. */
  retained(cell: JobCell, bytes: number): void {
    const change = this.#retention.note(cell.key, bytes);
    if (change !== undefined) this.#tellSources([signalKind[change]]);
    if (this.#retention.isRaised) this.coordinator.startSoon();
  }

  /** Cells start over from the last complete checkpoint, with empty outboxes. */
  startOver(keys: ReadonlySet<string>): void {
    this.coordinator.startOver(keys);
    for (const cell of this.#cells) if (keys.has(cell.key)) this.retained(cell, 0);
  }

  /** A cell that has started over is there again: it is told what it may have missed. */
  rejoin(cell: JobCell): void {
    if (this.#hooks.isSource(cell)) {
      if (this.#retention.isPaused) this.#hooks.signal(cell, [signalKind.pause]);
      const due = this.coordinator.dueFor(cell.key);
      if (due !== undefined) this.#hooks.signal(cell, [signalKind.epoch, due]);
    }
    if (this.#retention.isRaised) this.coordinator.startSoon();
  }

  /**
   * Every cell that started over is there again. What the replay brings is saved at once: sinks have shown nothing since the
   * failure, and the next one is not to begin as far back.
   */
  recovered(): void {
    this.coordinator.startSoon();
  }

  #tellSources(signal: StreamSignal): void {
    for (const cell of this.#cells) if (this.#hooks.isSource(cell)) this.#hooks.signal(cell, signal);
  }
}
