/**
 * JobEpochs: the epochs of a run as its cells take part in them: what cells tell goes to the coordinator and to the guard of
 * what outboxes keep, and what these decide goes to the cells.
 */

import { type StreamSignal, signalKind } from "../../actors/index.ts";
import { faultPoint, type Host, type Metrics, mutated, toWire } from "../../runtime/index.ts";
import { EpochCoordinator } from "../epochs/epoch-coordinator.ts";
import { EpochMetrics } from "../epochs/epoch-metrics.ts";
import type { EpochSettings } from "../epochs/epoch-options.ts";
import type { EpochReport } from "../epochs/epoch-statistics.ts";
import { EpochTimeoutError } from "../epochs/epoch-timeout-error.ts";
import { RetentionGuard } from "../epochs/retention-guard.ts";
import { slowEpochText } from "../epochs/slow-epoch.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import type { JobCell } from "./job-cell.ts";
import { type WaitingFor, waitText } from "./waiting-for.ts";

export interface RunEpochReport extends EpochReport {
  /** Bytes that a replay would bring, kept or to be made anew; of events that have not crossed threads an estimate. */
  readonly retainedBytes: number;
  /** For how long sources have paused because that is too much; undefined while they do not. */
  readonly pausedForMs: number | undefined;
}

export interface JobEpochsHooks {
  isSource(cell: JobCell): boolean;
  signal(cell: JobCell, signal: StreamSignal): void;
  /** Asks the cells, and resolves to what those that have not acknowledged an epoch wait for. */
  waitingFor(missing: readonly string[]): Promise<readonly WaitingFor[]>;
  /** A checkpoint is complete, and the cells know it. */
  onCheckpoint(epoch: number): void;
  fail(error: Error): void;
}

export class JobEpochs {
  readonly coordinator: EpochCoordinator;
  readonly #host: Host;
  readonly #settings: EpochSettings;
  readonly #cells: readonly JobCell[];
  readonly #hooks: JobEpochsHooks;
  readonly #retention: RetentionGuard;
  readonly #metrics: EpochMetrics;
  #pausedFromMs: number | undefined;
  /** As it was asked for last. */
  #waitingFor: readonly WaitingFor[] = [];
  /** Whether sources are among the cells that have started over. */
  #hasRereading = false;
  /** Cells with many dead letters behind the last barrier. */
  readonly #pressing = new Set<JobCell>();

  constructor(
    host: Host,
    job: string,
    settings: EpochSettings,
    metrics: Metrics,
    store: CheckpointStore,
    cells: readonly JobCell[],
    hooks: JobEpochsHooks,
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#metrics = new EpochMetrics(metrics, job);
    this.#cells = cells;
    this.#hooks = hooks;
    this.#retention = new RetentionGuard(settings.retentionBytes);
    this.coordinator = new EpochCoordinator(
      host.clock,
      settings,
      store,
      cells.map(({ key }) => key),
      {
        canStart: () => cells.every(({ started }) => started),
        isPressed: () => this.#retention.isRaised || this.#pressing.size > 0,
        startEpoch: (epoch, isLast) => {
          this.#pressing.clear();
          this.#tellSources([isLast ? signalKind.lastEpoch : signalKind.epoch, epoch]);
        },
        completeEpoch: (epoch, deadLetters, figures) => {
          if (figures !== undefined) this.#metrics.completed(figures);
          for (const { letters, unkeptCount } of deadLetters) {
            host.publish({ kind: "dead-letters", letters, unsampledCount: unkeptCount });
          }
          for (const cell of cells) {
            hooks.signal(cell, [signalKind.complete, epoch]);
            faultPoint("epoch.complete.told");
          }
          hooks.onCheckpoint(epoch);
        },
        onSlow: (epoch, missing) => void this.#warnOfSlow(epoch, missing, store.place),
        quietMs: (missing) => this.#quietMs(missing),
        onGivenUp: (epoch, quietMs, inRow) => this.#onGivenUp(epoch, quietMs, inRow),
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
    this.#metrics.retained(this.#retention.bytes);
    if (change !== undefined) {
      if (change === "pause") this.#metrics.paused();
      this.#pausedFromMs = change === "pause" ? this.#host.clock.monotonicMs() : undefined;
      this.#tellSources([signalKind[change]]);
    }
    if (this.#retention.isRaised) this.coordinator.startSoon();
  }

  /** A cell has many dead letters in this epoch. */
  startSoon(cell: JobCell): void {
    this.#pressing.add(cell);
    this.coordinator.startSoon();
  }

  /** Cells start over from the last complete checkpoint, with empty outboxes. */
  startOver(keys: ReadonlySet<string>): void {
    this.coordinator.startOver(keys);
    if (mutated("retention.counts-lost")) return;
    for (const cell of this.#cells) if (keys.has(cell.key)) this.retained(cell, 0);
  }

  /** A cell that has started over is there again: it is told what it may have missed. */
  rejoin(cell: JobCell): void {
    if (this.#hooks.isSource(cell)) {
      this.#hasRereading = true;
      if (this.#retention.isPaused) this.#hooks.signal(cell, [signalKind.pause]);
      const due = this.coordinator.dueFor(cell.key);
      const kind = this.coordinator.isLast ? signalKind.lastEpoch : signalKind.epoch;
      if (due !== undefined && !mutated("epochs.not-told-again")) this.#hooks.signal(cell, [kind, due]);
    }
    if (this.#retention.isRaised) this.coordinator.startSoon();
  }

  /**
   * Every cell that started over is there again. What the replay brings is saved at once: sinks have shown nothing since the
   * failure, and the next one is not to begin as far back. Where sources are among them, the replay is what they read now.
   */
  recovered(): void {
    if (this.#hasRereading) this.coordinator.resume();
    else this.coordinator.startSoon();
    this.#hasRereading = false;
  }

  report(): RunEpochReport {
    const nowMs = this.#host.clock.monotonicMs();
    const pausedForMs = this.#pausedFromMs === undefined ? undefined : nowMs - this.#pausedFromMs;
    return { ...this.coordinator.report(), retainedBytes: this.#retention.bytes, pausedForMs };
  }

  async #warnOfSlow(epoch: number, missing: readonly string[], place: string): Promise<void> {
    const waitingFor = missing.length === 0 ? [] : await this.#hooks.waitingFor(missing);
    const text = slowEpochText({ epoch, waits: waitingFor.map(waitText), place, isPaused: this.#retention.isPaused });
    this.#host.logger.log("warn", text);
  }

  /**
   * The whole waits as long as one of those that it waits for moves, and for ever for what is not in the hands of an operator:
   * the reader of an output, and what an operator says that it waits for.
   */
  async #quietMs(missing: readonly string[]): Promise<number> {
    this.#waitingFor = await this.#hooks.waitingFor(missing);
    const quiet = this.#waitingFor.map(({ why, forMs }) =>
      why === "is-not-read" || why === "waits-outside" ? 0 : forMs,
    );
    return quiet.length === 0 ? 0 : Math.min(...quiet);
  }

  #onGivenUp(epoch: number, quietMs: number, inRow: number): void {
    this.#metrics.givenUp();
    const waits = this.#waitingFor.map(waitText);
    const error = new EpochTimeoutError(epoch, inRow, quietMs, waits);
    if (inRow >= this.#settings.timeoutsMax) return this.#hooks.fail(error);
    const text = `${error.message}; the next one begins`;
    this.#host.logger.log("warn", text, { epoch, waitingFor: this.#waitingFor });
  }

  #tellSources(signal: StreamSignal): void {
    for (const cell of this.#cells) if (this.#hooks.isSource(cell)) this.#hooks.signal(cell, signal);
  }
}
