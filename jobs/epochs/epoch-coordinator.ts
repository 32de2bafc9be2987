/**
 * EpochCoordinator: starts epochs at an interval, one at a time, and makes a checkpoint of each whose cells have all
 * acknowledged it. The end of a run waits for an epoch that began after every cell had ended.
 *
 * Invariants
 *  W1  an epoch is complete when the store says that its checkpoint is, not before (P5).
 *  W2  while a checkpoint is being written no epoch starts and no cell starts over: what they start over from is what the
 *      store then holds.
 *  W3  a checkpoint that cannot be written is tried again after a while, and then fails the run; the one before stays.
 *  W4  a run ends with an epoch whose snapshots say that nothing is left to commit: a sink's snapshot waits for the commit of
 *      what was complete before it.
 *  W5  an epoch that nothing moves for is given up, and the next one starts, which is waited for twice as long: late
 *      acknowledgements of it are part of that one.
 */

import type { CellRestore, CellSnapshot, LetterPost } from "../../actors/index.ts";
import { type CancelTimer, type Clock, faultPoint, mutated } from "../../runtime/index.ts";
import { resumedEpochMs, savepointRetryMs } from "../limits.ts";
import type { CheckpointStore, EpochSnapshots } from "../store/checkpoint-store.ts";
import { PatientCommit } from "../store/patient-commit.ts";
import { EpochLedger } from "./epoch-ledger.ts";
import type { EpochSettings } from "./epoch-options.ts";
import { type EpochFigures, type EpochReport, EpochStatistics } from "./epoch-statistics.ts";
import { EpochWatch } from "./epoch-watch.ts";
import { WantedSavepoints } from "./wanted-savepoints.ts";

export interface EpochActions {
  /** Whether every cell runs, so that an epoch can be started. */
  canStart(): boolean;
  /** Whether the next epoch is not to wait for the interval. */
  isPressed(): boolean;
  /** Lets the sources emit the barrier of an epoch; behind one that is the last they hand on nothing. */
  startEpoch(epoch: number, isLast: boolean): void;
  /** Tells every cell that the checkpoint of an epoch is complete, and publishes the dead letters that are part of it. */
  completeEpoch(epoch: number, deadLetters: readonly LetterPost[], figures: EpochFigures | undefined): void;
  /** An epoch is in flight for long: which cells have not acknowledged it; none when its checkpoint is being written. */
  onSlow(epoch: number, cells: readonly string[]): void;
  /** For how long nothing that the epoch in flight waits for has moved. */
  quietMs(missing: readonly string[]): Promise<number>;
  /** An epoch was given up because nothing had moved for so long; how many in a row. */
  onGivenUp(epoch: number, quietMs: number, inRow: number): void;
  /** A checkpoint could not be written this time; it is tried again. */
  onRetry(epoch: number, attempt: number, error: unknown): void;
  /** A checkpoint cannot be written: the run cannot go on. */
  fail(error: Error): void;
}

export class EpochCoordinator {
  readonly #clock: Clock;
  readonly #settings: Pick<EpochSettings, "intervalMs" | "timeoutMs">;
  readonly #store: CheckpointStore;
  readonly #actions: EpochActions;
  readonly #ledger: EpochLedger;
  #cancelTimer: CancelTimer = () => undefined;
  /** Set when the run waits for its last checkpoint. */
  #last: { readonly resolve: () => void; startedAs: number | undefined } | undefined;
  readonly #statistics = new EpochStatistics();
  readonly #watch: EpochWatch;
  #givenUpInRow = 0;
  /** What waits for the checkpoint that is being written; undefined while none is. */
  #held: (() => void)[] | undefined;
  readonly #commit: PatientCommit;
  /** Settled when no checkpoint is being written. */
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Whether sources hand on nothing behind the next barrier. */
  #isLast = false;
  /** Whether sinks had something prepared and not committed in the last complete checkpoint. */
  #isUncommitted = false;
  readonly #savepoints = new WantedSavepoints();
  /** Whether the run, or sources of it, go on from a checkpoint, and none has been completed that began behind that. */
  #isResuming: boolean;
  /** The epoch that was in flight when sources went on from a checkpoint: they close it before they read. */
  #inFlightThen: number | undefined;

  /** @param store what it holds already is what the cells start from */
  constructor(
    clock: Clock,
    settings: Pick<EpochSettings, "intervalMs" | "timeoutMs">,
    store: CheckpointStore,
    cells: Iterable<string>,
    actions: EpochActions,
  ) {
    this.#clock = clock;
    this.#settings = settings;
    this.#store = store;
    this.#actions = actions;
    this.#commit = new PatientCommit(store, clock, (...failed) => actions.onRetry(...failed));
    this.#isResuming = store.epoch > 0;
    this.#ledger = new EpochLedger(cells, store.epoch);
    this.#watch = new EpochWatch(clock, {
      onSlow: (epoch) => actions.onSlow(epoch, this.#ledger.missing),
      quietMs: () => actions.quietMs(this.#ledger.missing),
      onSilent: (epoch, quietMs) => this.#giveUp(epoch, quietMs),
    });
  }

  /** The last complete checkpoint; 0 before the first. */
  get epoch(): number {
    return this.#store.epoch;
  }

  /** How the epochs of this run went. */
  report(): EpochReport {
    return this.#statistics.report(this.#clock.monotonicMs());
  }

  /** Cells that have not acknowledged the epoch in flight. */
  get missing(): readonly string[] {
    return this.#ledger.missing;
  }

  /** The epoch in flight, if the cell has not acknowledged it. */
  dueFor(cell: string): number | undefined {
    return this.#ledger.hasAcknowledged(cell) ? undefined : this.#ledger.inFlight;
  }

  restoreOf(cell: string): CellRestore | undefined {
    return this.#store.restoreOf(cell);
  }

  begin(): void {
    this.#cancelTimer();
    const { intervalMs } = this.#settings;
    const soonMs = this.#savepoints.areWanted ? savepointRetryMs : this.#isResuming ? resumedEpochMs : intervalMs;
    this.#cancelTimer = this.#clock.after(Math.min(intervalMs, soonMs), () => this.#tick());
  }

  /**
   * Calls `save` as soon as a checkpoint is complete whose epoch starts after now, before the next one can be. Resolves or
   * rejects as `save` does; rejects with ERR_JOB_SAVEPOINT when the run ends before.
   */
  savepoint<T>(save: () => Promise<T>): Promise<T> {
    const saved = this.#savepoints.want(save);
    if (this.#stopped) this.#savepoints.giveUp();
    else this.begin();
    this.startSoon();
    return saved;
  }

  /**
   * Takes a checkpoint behind which sources hand on nothing, and no other comes. Resolves when it is complete, and what sinks prepared for it is
   * committed (W4); rejects with ERR_JOB_SAVEPOINT when the run ends before.
   */
  async lastCheckpoint(): Promise<void> {
    this.#isLast = true;
    do await this.savepoint(async () => undefined);
    while (this.#isUncommitted);
    this.#stopped = true;
    this.#cancelTimer();
  }

  /** Whether the epoch in flight, or the next one, is the last. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** Starts the next epoch now, whatever the interval, unless one is in flight or a cell does not run. */
  startSoon(): void {
    if (this.#stopped || this.#last !== undefined || this.#isBusy() || !this.#actions.canStart()) return;
    this.#cancelTimer();
    this.#start();
  }

  /** Starts nothing any more; resolves when no write is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#commit.stop();
    this.#watch.end();
    await this.#writing;
    this.#savepoints.giveUp();
  }

  acknowledge(cell: string, snapshot: CellSnapshot, alignmentMs = 0): void {
    this.#statistics.snapshotted(snapshot, alignmentMs);
    const complete = this.#ledger.acknowledge(cell, snapshot);
    if (complete === undefined) return faultPoint("epoch.snapshot-arrived");
    faultPoint("epoch.complete.before-durable");
    this.#statistics.acknowledged(this.#clock.monotonicMs());
    this.#watch.acknowledged();
    this.#held = [];
    this.#writing = this.#write(snapshot.epoch, complete);
  }

  /** Whether a checkpoint is being written; `go` is called when it is complete then, and never if the run fails or stops. */
  hold(go: () => void): boolean {
    if (mutated("coordinator.restarts-while-writing")) return false;
    this.#held?.push(go);
    return this.#held !== undefined;
  }

  /** Cells start over from the last complete checkpoint. */
  startOver(cells: Iterable<string>): void {
    for (const cell of cells) this.#ledger.forget(cell);
  }

  /** Sources have started over: what they read again is saved soon, as sinks have shown nothing since the failure. */
  resume(): void {
    this.#isResuming = true;
    this.#inFlightThen = this.#ledger.inFlight;
    if (!this.#stopped && this.#last === undefined && !this.#isBusy()) this.begin();
  }

  /** Gives the epoch in flight up, because cells start over; the next one is started at the interval. */
  cancelEpoch(): void {
    this.#watch.end();
    this.#ledger.cancel();
    this.#statistics.cancelled();
    this.#savepoints.cancelEpoch();
    if (this.#last !== undefined) this.#last.startedAs = undefined;
    this.begin();
  }

  /** Every cell has ended: resolves when a checkpoint of that is complete, and what sinks prepared is committed. */
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
    if (!this.#isBusy() && this.#actions.canStart()) this.#start();
    else this.begin();
  }

  #startLast(): void {
    if (this.#last === undefined || this.#isBusy()) return;
    this.#last.startedAs = this.#start();
  }

  #start(): number {
    const epoch = this.#ledger.start();
    this.#savepoints.startEpoch(epoch);
    this.#statistics.started(epoch, this.#clock.monotonicMs());
    // Twice as long each time: barriers of epochs that were given up are work, too.
    this.#watch.start(epoch, this.#settings.timeoutMs * 2 ** this.#givenUpInRow);
    this.#actions.startEpoch(epoch, this.#isLast);
    return epoch;
  }

  /** W5 */
  #giveUp(epoch: number, quietMs: number): void {
    this.#givenUpInRow += 1;
    this.#watch.end();
    this.#ledger.cancel();
    this.#savepoints.cancelEpoch();
    this.#statistics.givenUp();
    this.#actions.onGivenUp(epoch, quietMs, this.#givenUpInRow);
    if (this.#stopped) return;
    if (this.#last !== undefined) this.#startLast();
    else this.#tick();
  }

  /** W2 */
  #isBusy(): boolean {
    return this.#ledger.inFlight !== undefined || this.#held !== undefined;
  }

  /** W1, W3 */
  async #write(epoch: number, snapshots: EpochSnapshots): Promise<void> {
    const isComplete = mutated("coordinator.completes-before-durable");
    if (isComplete) this.#complete(epoch, snapshots);
    const isWritten = await this.#commit.write({ epoch, snapshots }).catch((error: Error) => {
      this.#actions.fail(error);
      return false;
    });
    if (isWritten && !isComplete) this.#complete(epoch, snapshots);
  }

  #complete(epoch: number, snapshots: EpochSnapshots): void {
    faultPoint("epoch.complete.durable");
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#givenUpInRow = 0;
    this.#isResuming &&= epoch === this.#inFlightThen;
    this.#watch.end();
    const figures = this.#statistics.complete(this.#clock.monotonicMs());
    this.#isUncommitted = hasUncommitted(snapshots);
    this.#savepoints.completeEpoch(epoch);
    this.#actions.completeEpoch(epoch, deadLettersOf(snapshots), figures);
    if (this.#stopped) return;
    if (this.#last?.startedAs === epoch && !this.#isUncommitted) return this.#last.resolve();
    for (const go of held) go();
    if (this.#last !== undefined) return this.#startLast();
    this.begin();
    if (this.#actions.isPressed() || this.#savepoints.areWanted) this.startSoon();
  }
}

/** W4 */
function hasUncommitted(snapshots: EpochSnapshots): boolean {
  return [...snapshots.values()].some((parts) => parts.at(-1)?.uncommitted);
}

function deadLettersOf(snapshots: EpochSnapshots): LetterPost[] {
  const parts = [...snapshots.values()].map((all) => (mutated("letters.of-newest-part") ? all.slice(-1) : all));
  return parts.flat().flatMap(({ deadLetters }) => (deadLetters === undefined ? [] : [deadLetters]));
}
