/**
 * RegionRestarts: which cells of a run start over when some of them fail, and when: those that the guarantee takes along, or
 * all of them when the supervisor of one does not handle its failure.
 *
 * Invariants
 *  J5  while a checkpoint is being written nothing starts over, and nothing any more when the run stops.
 */

import { type CellSpec, toWire } from "../../runtime/index.ts";
import { regionOf } from "../epochs/region.ts";
import { countFromCheckpoint } from "./added-stats.ts";
import type { ChannelAttempts } from "./channel-attempts.ts";
import type { ChannelKeeping } from "./channel-keeping.ts";
import { headOf, type JobCell } from "./job-cell.ts";
import type { JobCellsSettings } from "./job-cells-settings.ts";
import type { JobEpochs } from "./job-epochs.ts";
import type { JobLetters } from "./job-letters.ts";
import { JobRestarts } from "./job-restarts.ts";
import { stopsJob } from "./operator-policy.ts";

export class RegionRestarts {
  readonly #settings: JobCellsSettings;
  readonly #cells: readonly JobCell[];
  readonly #attempts: ChannelAttempts;
  readonly #keeping: ChannelKeeping;
  readonly #letters: JobLetters;
  readonly #epochs: JobEpochs | undefined;
  readonly #specOf: (cell: JobCell) => CellSpec;
  readonly #fail: (error: Error) => void;
  readonly #jobRestarts: JobRestarts;
  /** Cells whose supervisors are about to hear of the loss of their thread, and to restart them. */
  readonly #lost = new Set<JobCell>();
  #stopped = false;
  /** Keys of cells that have ended behind the checkpoint of the epoch `#endedBehind`. */
  readonly #ended = new Set<string>();
  #endedBehind: number | undefined;

  /**
   * @param epochs undefined under at-most-once
   * @param fail called when the job can start over no more
   */
  constructor(
    settings: JobCellsSettings,
    cells: readonly JobCell[],
    attempts: ChannelAttempts,
    keeping: ChannelKeeping,
    letters: JobLetters,
    epochs: JobEpochs | undefined,
    specOf: (cell: JobCell) => CellSpec,
    fail: (error: Error) => void,
  ) {
    this.#settings = settings;
    this.#cells = cells;
    this.#attempts = attempts;
    this.#keeping = keeping;
    this.#letters = letters;
    this.#epochs = epochs;
    this.#specOf = specOf;
    this.#fail = fail;
    this.#jobRestarts = new JobRestarts(settings.jobRestarts);
  }

  /** A thread died, and `lost` with it. */
  hostLost(lost: readonly JobCell[], host: number, cause: unknown): void {
    // J5: before the supervisors of the cells, which wait as well.
    this.whenWritten(lost, lost);
    for (const cell of lost) this.#lost.add(cell);
    for (const cell of lost) {
      cell.supervisor.hostLost(host, cause);
      this.#lost.delete(cell);
    }
  }

  /** How a cell whose operator failed is made anew; undefined where it starts over by its own means. */
  startOver(cell: JobCell): CellSpec | undefined {
    if (this.#epochs === undefined) return undefined;
    if (!cell.restartsWithAll) this.#restartRegion([cell], [cell]);
    return this.#specOf(cell);
  }

  /** The supervisor of a cell does not handle its failure: the job starts over as a whole, or fails. */
  escalated(cell: JobCell, error: Error): void {
    const { host, hosted } = this.#settings;
    const stops = this.#epochs === undefined || stopsJob(headOf(hosted.graph, cell.chain), error);
    const decision = this.#jobRestarts.decide(error, stops, host.clock.monotonicMs(), host.random.next());
    // One whose thread does not come back has no supervisor any more.
    const { path } = cell.address;
    if (decision.kind === "fail" || !cell.supervisor.children.includes(path)) return this.#fail(error);
    if (decision.kind === "restart") {
      const cause = toWire(error).message;
      const epoch = this.#epochs?.coordinator.epoch;
      host.logger.log("warn", "the job starts over from its last checkpoint", { cause, epoch });
      cell.restartsWithAll = true;
      this.whenWritten(this.#cells, [cell]);
    }
    cell.supervisor.restartEscalated(path, decision.delayMs);
  }

  /**
   * Restarts the region of `first`, behind the checkpoint that is being written.
   *
   * @param failed those that their supervisors restart; the others are restarted here
   */
  whenWritten(first: readonly JobCell[], failed: readonly JobCell[]): void {
    const restart = () => this.#restartRegion(first, failed);
    if (!this.hold(restart)) restart();
  }

  /** True while a checkpoint is being written: `go` is called behind it. True as well when the run stops: `go` is never called then. */
  hold(go: () => void): boolean {
    return this.#stopped || (this.#epochs?.coordinator.hold(go) ?? false);
  }

  /** The run is over: a cell that started over would begin under attempts that nobody knows, only to be stopped. */
  stop(): void {
    this.#stopped = true;
  }

  /** Cells start over from the last complete checkpoint, under new attempts of all their channels. */
  #restartRegion(first: readonly JobCell[], failed: readonly JobCell[]): void {
    const { hosted, guarantee } = this.#settings;
    const keys = regionOf(
      hosted.plan,
      hosted.graph,
      first.map(({ key }) => key),
      guarantee,
      this.#keeping.unkept,
      this.#endedSinceCheckpoint(),
    );
    this.#keeping.startOver(keys);
    const region = this.#cells.filter(({ key }) => keys.has(key));
    for (const cell of region) {
      cell.fresh = true;
      cell.started = false;
      if (this.#epochs === undefined) continue;
      cell.ended = this.#letters.standingOf(cell.key)?.ended ?? false;
      countFromCheckpoint(cell, this.#epochs.coordinator.epoch);
    }
    this.#attempts.raise(keys);
    this.#epochs?.startOver(keys);
    if (region.some(({ ended }) => !ended)) this.#epochs?.coordinator.unfinish();
    if (guarantee === "at-least-once") this.#epochs?.coordinator.cancelEpoch();
    for (const cell of region) {
      if (!failed.includes(cell) && !this.#lost.has(cell))
        cell.supervisor.restartAlong(cell.address.path, this.#specOf(cell));
    }
  }

  /** Also those that have started over since: they come to their end again, while others still send again. */
  #endedSinceCheckpoint(): ReadonlySet<string> {
    const epoch = this.#epochs?.coordinator.epoch;
    if (epoch !== this.#endedBehind) this.#ended.clear();
    this.#endedBehind = epoch;
    for (const { key, ended } of this.#cells) {
      if (ended && this.#letters.standingOf(key)?.ended !== true) this.#ended.add(key);
    }
    return this.#ended;
  }
}
