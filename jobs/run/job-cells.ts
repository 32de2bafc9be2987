/**
 * JobCells: the cells of one run under supervision: starts them, lets them begin together, brings back those that were
 * lost with their thread, and knows when all have ended.
 *
 * Invariants
 *  J1  nothing flows before every cell has started.
 *  J2  a channel is opened anew, under a higher attempt, whenever one of its ends starts over: by its receiver, once the
 *      sender is there. Sooner, the sender that is about to be replaced would take the opening for its own.
 *  J3  under at-most-once a replayable source goes on behind the newest position it reserved.
 *  J4  a cell that has ended stays ended: on a new thread it only tells the end again.
 *  J5  while a checkpoint is being written nothing starts over.
 */

import {
  type HaltNote,
  type LetterBounds,
  type ReservationNote,
  type StreamCellStats,
  type StreamNote,
  type StreamSignal,
  signalKind,
} from "../../actors/index.ts";
import { type Address, type CellSpec, type Host, type Metrics, Supervisor, toWire } from "../../runtime/index.ts";
import type { EpochCoordinator } from "../epochs/epoch-coordinator.ts";
import { type EpochSettings, retentionLimits } from "../epochs/epoch-options.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { regionOf } from "../epochs/region.ts";
import type { GraphNode } from "../job-graph.ts";
import type { ChainInstancePlan, ChainPlan } from "../job-plan.ts";
import { statsLimitMs } from "../limits.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import { addedStats } from "./added-stats.ts";
import { type ChainStart, headAddress, operatorPath } from "./chain-cell.ts";
import { ChannelAttempts, cellKey } from "./channel-attempts.ts";
import { noteFailure } from "./failure-counts.ts";
import type { HostedJob } from "./hosted-job.ts";
import { type CellPlace, type JobCell, linkUpstream } from "./job-cell.ts";
import { JobEpochs, type RunEpochReport } from "./job-epochs.ts";
import { JobLetters } from "./job-letters.ts";
import { type JobRestartSettings, JobRestarts } from "./job-restarts.ts";
import { policyOnMain, stopsJob } from "./operator-policy.ts";
import { Reservations } from "./reservations.ts";
import { StatsSurvey } from "./stats-survey.ts";
import { type WaitingFor, waitingFor } from "./waiting-for.ts";

export interface JobCellsSettings {
  readonly host: Host;
  readonly hosted: HostedJob;
  readonly creditEvents: number;
  readonly guarantee: Guarantee;
  readonly epochs: EpochSettings;
  readonly metrics: Metrics;
  /** What the cells start from, and where their checkpoints go; under at-most-once, what sources reserve. */
  readonly store: CheckpointStore;
  /** The directory of the store; undefined when it ends with the process. */
  readonly storage: string | undefined;
  /** How often the job starts over as a whole; not under at-most-once, which has no checkpoint to start over from. */
  readonly jobRestarts: JobRestartSettings;
  /** How many dead letters of an epoch are kept, and what more of them do. */
  readonly letterBounds: LetterBounds;
  /** How the cell of a chain instance is made. */
  readonly specOf: (start: ChainStart, host: number) => CellSpec;
}

export interface JobCellsHooks {
  onBegun(): void;
  onEnded(): void;
  onFailed(error: Error): void;
}

export class JobCells {
  readonly #settings: JobCellsSettings;
  readonly #hooks: JobCellsHooks;
  readonly #attempts: ChannelAttempts;
  readonly #cells: JobCell[] = [];
  #begun = false;
  #draining = false;
  #stopping = false;
  /** Cells whose supervisors are about to hear of the loss of their thread, and to restart them. */
  readonly #lost = new Set<JobCell>();
  readonly #restarts: JobRestarts;
  readonly #survey: StatsSurvey<JobCell>;
  readonly #reservations: Reservations;
  /** The dead letters of the run. */
  readonly letters: JobLetters;
  /** Undefined under at-most-once. */
  #jobEpochs: JobEpochs | undefined;

  constructor(settings: JobCellsSettings, hooks: JobCellsHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#attempts = new ChannelAttempts(settings.hosted.plan);
    this.#restarts = new JobRestarts(settings.jobRestarts);
    this.letters = new JobLetters(settings, this.#cells, ({ address }, signal) => this.#signal(address, signal));
    const { clock } = settings.host;
    this.#survey = new StatsSurvey(clock, ({ address }) => this.#signal(address, [signalKind.stats]));
    const keepsReservations = !this.#usesEpochs && settings.storage !== undefined;
    this.#reservations = new Reservations(settings.host, keepsReservations ? settings.store : undefined, {
      tell: (cell, signal) => this.#signal(cell.address, signal),
      fail: (error) => this.#hooks.onFailed(error),
    });
  }

  start(): void {
    for (const chain of this.#settings.hosted.plan.chains) {
      for (const { instance } of chain.instances) this.#cells.push(this.#createCell(chain, instance));
    }
    linkUpstream(this.#cells, this.#settings.hosted.plan);
    if (this.#usesEpochs) this.#jobEpochs = this.#createEpochs();
    for (const cell of this.#cells) this.#spawn(cell);
  }

  get #usesEpochs(): boolean {
    return this.#settings.guarantee !== "at-most-once";
  }

  /** Undefined under at-most-once. */
  get epochs(): EpochCoordinator | undefined {
    return this.#jobEpochs?.coordinator;
  }

  /** Sources stop reading. */
  drain(): void {
    this.#draining = true;
    for (const cell of this.#cells) this.#signal(cell.address, [signalKind.drain]);
  }

  /** Stops every cell, sources first, which say where they stand before. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.epochs?.stop();
    this.letters.stop();
    await this.#reservations.end(this.#cells.filter((cell) => cell.started && !cell.ended && this.#isSource(cell)));
    for (const cell of this.#cells) await cell.supervisor.stopAll();
  }

  /** A thread died: its cells start over on its replacement. */
  hostLost(host: number, cause: unknown): void {
    const lost = this.#cells.filter((cell) => cell.address.host === host);
    for (const cell of lost) {
      cell.before = addedStats(cell.before, cell.stats, cell.ended ? 0 : this.#reservations.lose(cell));
      cell.stats = undefined;
      cell.fresh = true;
      cell.started = false;
      this.#survey.answered(cell);
    }
    // J5: before the supervisors of the cells, which wait as well.
    this.#restartWhenWritten(lost, lost);
    for (const cell of lost) this.#lost.add(cell);
    for (const cell of lost) {
      cell.supervisor.hostLost(host, cause);
      this.#lost.delete(cell);
    }
  }

  /**
   * Cells start over, and with them those that the guarantee takes along: from the last complete checkpoint, under new
   * attempts of all their channels.
   *
   * @param failed those that their supervisors restart; the others are restarted here
   */
  #restartRegion(first: readonly JobCell[], failed: readonly JobCell[]): void {
    const { hosted, guarantee } = this.#settings;
    const keys = regionOf(
      hosted.plan,
      first.map(({ key }) => key),
      guarantee,
    );
    const region = this.#cells.filter(({ key }) => keys.has(key));
    for (const cell of region) {
      cell.fresh = true;
      cell.started = false;
      if (this.epochs !== undefined) cell.ended = this.letters.standingOf(cell.key)?.ended ?? false;
    }
    this.#attempts.raise(keys);
    this.#jobEpochs?.startOver(keys);
    if (region.some(({ ended }) => !ended)) this.epochs?.unfinish();
    if (guarantee === "at-least-once") this.epochs?.cancelEpoch();
    for (const cell of region) {
      if (!failed.includes(cell) && !this.#lost.has(cell))
        cell.supervisor.restartAlong(cell.address.path, this.#spec(cell));
    }
  }

  /** How a cell whose operator failed is made anew; undefined where it starts over by its own means. */
  #startOver(cell: JobCell): CellSpec | undefined {
    if (this.epochs === undefined) return undefined;
    if (!cell.restartsWithAll) this.#restartRegion([cell], [cell]);
    cell.restartsWithAll = false;
    return this.#spec(cell);
  }

  /** Its supervisor does not handle its failure: the job starts over as a whole, or fails. */
  #onEscalated(cell: JobCell, error: Error): void {
    const { host } = this.#settings;
    const stops = this.epochs === undefined || stopsJob(this.#head(cell.chain), error);
    const decision = this.#restarts.decide(error, stops, host.clock.monotonicMs(), host.random.next());
    // One whose thread does not come back has no supervisor any more.
    const { path } = cell.address;
    if (decision.kind === "fail" || !cell.supervisor.children.includes(path)) return this.#hooks.onFailed(error);
    if (decision.kind === "restart") {
      const cause = toWire(error).message;
      host.logger.log("warn", "the job starts over from its last checkpoint", { cause, epoch: this.epochs?.epoch });
      cell.restartsWithAll = true;
      this.#restartWhenWritten(this.#cells, [cell]);
    }
    cell.supervisor.restartEscalated(path, decision.delayMs);
  }

  #restartWhenWritten(first: readonly JobCell[], failed: readonly JobCell[]): void {
    const restart = () => this.#restartRegion(first, failed);
    if (!this.#hold(restart)) restart();
  }

  #hold(go: () => void): boolean {
    return this.epochs?.hold(go) ?? false;
  }

  #createEpochs(): JobEpochs {
    const { host, hosted, epochs, metrics, store } = this.#settings;
    return new JobEpochs(host, hosted.graph.name, epochs, metrics, store, this.#cells, {
      isSource: (cell) => this.#isSource(cell),
      signal: ({ address }, signal) => this.#signal(address, signal),
      onCheckpoint: () => this.letters.onCheckpoint(),
      waitingFor: async (missing) => {
        await this.#ask(statsLimitMs);
        return waitingFor(hosted.graph, hosted.plan, this.#cells, missing);
      },
      fail: (error) => this.#hooks.onFailed(error),
    });
  }

  /** The counters of every cell; those that do not answer within `limitMs` keep what they said last. */
  async stats(
    limitMs: number,
  ): Promise<readonly { readonly cell: CellPlace; readonly stats: StreamCellStats | undefined }[]> {
    await this.#ask(limitMs);
    return this.#cells.map((cell) => ({
      cell: { chain: cell.chain, instance: cell.instance, host: cell.address.host },
      stats: cell.before === undefined ? cell.stats : addedStats(cell.before, cell.stats, 0),
    }));
  }

  /** Also those that have ended: they may have something left to commit. */
  async #ask(limitMs: number): Promise<void> {
    const asked = this.#stopping ? [] : this.#cells.filter((cell) => cell.started);
    await this.#survey.run(asked, limitMs);
  }

  /** Which operators others wait for, as they told last. */
  waitingFor(): WaitingFor[] {
    const { graph, plan } = this.#settings.hosted;
    return this.#begun ? waitingFor(graph, plan, this.#cells) : [];
  }

  epochReport(): RunEpochReport | undefined {
    return this.#jobEpochs?.report();
  }

  #createCell(chain: ChainPlan, instance: number): JobCell {
    const { host, hosted } = this.#settings;
    const head = this.#head(chain);
    const path = operatorPath(host.system, hosted.graph.name, head.name, instance);
    const { host: place } = chain.instances[instance] as ChainInstancePlan;
    const key = cellKey(chain.id, instance);
    const skipped = this.#reservations.skippedBefore(key);
    const cell: JobCell = {
      key,
      chain,
      instance,
      address: { path, host: place },
      supervisor: new Supervisor(host, `${path}/supervisor`, policyOnMain(head), {
        escalateFirstStart: true,
        onEscalate: (error) => this.#onEscalated(cell, error),
        onStarted: () => this.#onStarted(cell),
        onFailed: (_path, error) => noteFailure(cell.failures, error),
        onNote: (_path, note) => this.#onNote(cell, note as StreamNote | ReservationNote | HaltNote),
        onRestart: () => this.#startOver(cell),
        holdRestart: (go) => this.#hold(go),
        respec: () => this.#spec(cell),
      }),
      started: false,
      fresh: true,
      restartsWithAll: false,
      upstream: [],
      ended: this.letters.standingOf(key)?.ended ?? false,
      stats: undefined,
      before: skipped === 0 ? undefined : addedStats(undefined, undefined, skipped),
      failures: new Map(),
    };
    return cell;
  }

  #spawn(cell: JobCell): void {
    const { host, hosted } = this.#settings;
    const { graph } = hosted;
    const aliases = cell.chain.nodes
      .slice(1)
      .map((id) => operatorPath(host.system, graph.name, (graph.nodes[id] as GraphNode).name, cell.instance));
    const { path, host: place } = cell.address;
    cell.supervisor.spawn({ path, aliases, host: place, spec: this.#spec(cell) });
  }

  #spec(cell: JobCell): CellSpec {
    const restore = this.letters.restoreOf(cell.key, (error) => this.#hooks.onFailed(error));
    const start: ChainStart = {
      chain: cell.chain.id,
      instance: cell.instance,
      attempts: this.#attempts.ofInputs(cell.chain.id, cell.instance),
      standing:
        restore === undefined ? this.#reservations.standingOf(cell.key) : { position: restore.position, skipCount: 0 },
      storage: this.#settings.storage,
      ended: cell.ended,
      ...this.letters.startOf(cell),
      creditEvents: this.#settings.creditEvents,
      guarantee: this.#settings.guarantee,
      restore,
      failures: [...cell.failures.values()],
      retention: retentionLimits(this.#settings.epochs, this.#cells.length),
    };
    return this.#settings.specOf(start, cell.address.host);
  }

  #onStarted(cell: JobCell): void {
    cell.started = true;
    cell.restartsWithAll = false;
    if (this.#stopping) return;
    if (this.#begun) return this.#rejoinReady();
    if (!this.#cells.every(({ started }) => started)) return;
    this.#begun = true;
    for (const each of this.#cells) {
      each.fresh = false;
      this.#signal(each.address, [signalKind.begin]);
    }
    this.letters.give();
    this.epochs?.begin();
    this.#hooks.onBegun();
  }

  /** Cells that have started over join the others as soon as all that send to them have started (J2). */
  #rejoinReady(): void {
    for (const cell of this.#cells) {
      if (!cell.fresh || !cell.started || !cell.upstream.every(({ started }) => started)) continue;
      cell.fresh = false;
      this.#rejoin(cell);
    }
    this.letters.give();
    if (this.#cells.every(({ fresh }) => !fresh)) this.#jobEpochs?.recovered();
  }

  /** J2: the new cell opens its inputs; receivers that were not lost with it open their channels from it again. */
  #rejoin(cell: JobCell): void {
    if (this.#draining) this.#signal(cell.address, [signalKind.drain]);
    this.#signal(cell.address, [signalKind.begin]);
    this.#jobEpochs?.rejoin(cell);
    const { hosted, host } = this.#settings;
    for (const { id, fromChain, fromInstance } of hosted.plan.channels) {
      if (fromChain !== cell.chain.id || fromInstance !== cell.instance) continue;
      this.#signal(headAddress(hosted, host.system, id, "to"), [
        signalKind.reopen,
        id,
        this.#attempts.of(id),
        this.epochs?.epoch ?? 0,
      ]);
    }
  }

  #onNote(cell: JobCell, note: StreamNote | ReservationNote | HaltNote): void {
    if (note.kind === "reserve") return this.#reservations.reserve(cell, note);
    if (note.kind === "halted") return this.#reservations.halted(cell, note.standing);
    if (note.kind === "replayed") return this.#restartWhenWritten([cell], []);
    if (note.kind === "snapshot") return this.epochs?.acknowledge(cell.key, note.snapshot, note.alignmentMs);
    if (note.kind === "retained") return this.#jobEpochs?.retained(cell, note.bytes);
    if (note.kind === "many-letters") return this.#jobEpochs?.startSoon(cell);
    cell.stats = note.stats;
    this.#survey.answered(cell);
    if (note.kind !== "ended") return;
    cell.ended = true;
    if (this.#isSource(cell)) this.#reservations.handedOn(cell);
    if (this.#cells.every(({ ended }) => ended)) this.#onAllEnded();
  }

  #onAllEnded(): void {
    if (this.epochs === undefined) return this.#hooks.onEnded();
    void this.epochs.finish().then(() => this.#hooks.onEnded());
  }

  #signal(to: Address, signal: StreamSignal): void {
    this.#settings.host.signal(to, signal);
  }

  #isSource({ chain }: JobCell): boolean {
    return this.#head(chain).kind === "source";
  }

  #head(chain: ChainPlan): GraphNode {
    return this.#settings.hosted.graph.nodes[chain.nodes[0] as number] as GraphNode;
  }
}
