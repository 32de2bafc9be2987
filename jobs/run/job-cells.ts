/**
 * JobCells: the cells of one run under supervision: makes and starts them, takes note of what they tell, and knows when all
 * have ended.
 *
 * Not here: what a cell starts from (cell-starts.ts), when cells begin and join the others again (cell-joining.ts), which
 * start over (region-restarts.ts).
 */

import {
  type AbsentNote,
  type HaltNote,
  type ReservationNote,
  type StreamNote,
  type StreamSignal,
  signalKind,
} from "../../actors/index.ts";
import { type Address, Supervisor } from "../../runtime/index.ts";
import type { EpochCoordinator } from "../epochs/epoch-coordinator.ts";
import type { GraphNode } from "../job-graph.ts";
import type { ChainInstancePlan, ChainPlan } from "../job-plan.ts";
import { statsLimitMs } from "../limits.ts";
import { addedStats, countAtBarrier, keepCounted } from "./added-stats.ts";
import { CellJoining } from "./cell-joining.ts";
import { CellStarts } from "./cell-starts.ts";
import { operatorPath } from "./chain-cell.ts";
import { ChannelAttempts, cellKey } from "./channel-attempts.ts";
import { ChannelKeeping } from "./channel-keeping.ts";
import { noteFailure } from "./failure-counts.ts";
import { type CellStats, headOf, type JobCell, linkUpstream } from "./job-cell.ts";
import type { JobCellsHooks, JobCellsSettings } from "./job-cells-settings.ts";
import { JobEpochs, type RunEpochReport } from "./job-epochs.ts";
import { JobLetters } from "./job-letters.ts";
import { policyOnMain } from "./operator-policy.ts";
import { RegionRestarts } from "./region-restarts.ts";
import { Reservations } from "./reservations.ts";
import { SourceAlignment } from "./source-alignment.ts";
import { StateQueries } from "./state-queries.ts";
import { StatsSurvey } from "./stats-survey.ts";
import { type WaitingFor, waitingFor } from "./waiting-for.ts";

type TellCell = (cell: { readonly address: Address }, signal: StreamSignal) => void;

export class JobCells {
  readonly #settings: JobCellsSettings;
  readonly #hooks: JobCellsHooks;
  readonly #cells: JobCell[] = [];
  /** The dead letters of the run. */
  readonly letters: JobLetters;
  /** Events that the processes before may have lost behind their sources. */
  readonly lostBefore: number;
  /** What its operators keep, for whoever asks. */
  readonly queries: StateQueries;
  readonly #survey: StatsSurvey<JobCell>;
  readonly #reservations: Reservations;
  readonly #keeping: ChannelKeeping;
  readonly #starts: CellStarts;
  /** Undefined under at-most-once. */
  readonly #jobEpochs: JobEpochs | undefined;
  readonly #joining: CellJoining;
  readonly #restarts: RegionRestarts;
  readonly #alignment: SourceAlignment;
  #stopping = false;
  /** From the loss of a thread until what came behind it is safe. */
  #isRecovering = false;

  constructor(settings: JobCellsSettings, hooks: JobCellsHooks) {
    const { host, hosted, guarantee, storage, store } = settings;
    this.#settings = settings;
    this.#hooks = hooks;
    const cells = this.#cells;
    const fail = (error: Error) => hooks.onFailed(error);
    const tell: TellCell = ({ address }, signal) => host.signal(address, signal);
    const letters = new JobLetters(settings, cells, tell);
    this.letters = letters;
    this.#survey = new StatsSurvey(host.clock, (cell) => tell(cell, [signalKind.stats]));
    const usesEpochs = guarantee !== "at-most-once";
    this.#reservations = new Reservations(host, usesEpochs || storage === undefined ? undefined : store, {
      tell,
      fail,
      lostIfKilled: () =>
        cells.reduce((sum, { before }) => sum + (before?.lostEvents ?? 0), settings.unfinishedEvents()),
    });
    for (const chain of hosted.plan.chains) {
      for (const { instance } of chain.instances) cells.push(this.#createCell(chain, instance));
    }
    this.lostBefore = this.#reservations.lostBefore(cells.map(({ key }) => key));
    linkUpstream(cells, hosted.plan);
    const attempts = new ChannelAttempts(hosted.plan);
    const keeping = new ChannelKeeping(host.clock, hosted.plan, hosted.graph, guarantee);
    this.#keeping = keeping;
    const starts = new CellStarts(settings, cells, attempts, keeping, letters, this.#reservations, fail);
    const epochs = usesEpochs ? this.#createEpochs(attempts, tell) : undefined;
    this.#starts = starts;
    this.#jobEpochs = epochs;
    this.#joining = new CellJoining(settings, cells, attempts, letters, epochs, hooks.onBegun, () => {
      if (epochs === undefined) this.#recovered();
      else epochs.recovered();
    });
    const specOf = (cell: JobCell) => starts.specOf(cell);
    this.queries = new StateQueries(host.clock, hosted.graph, cells, usesEpochs ? store : undefined, tell);
    this.#alignment = new SourceAlignment(host.clock, hosted.graph, cells, {
      ask: (asked) => this.#survey.run(asked, statsLimitMs),
      signal: tell,
    });
    this.#restarts = new RegionRestarts(settings, cells, attempts, keeping, letters, epochs, specOf, fail);
  }

  start(): void {
    for (const cell of this.#cells) this.#spawn(cell);
    this.#alignment.start();
  }

  /** Undefined under at-most-once. */
  get epochs(): EpochCoordinator | undefined {
    return this.#jobEpochs?.coordinator;
  }

  /** Sources stop reading. */
  drain(): void {
    this.#joining.drain();
  }

  /** Stops every cell, sources first, which say where they stand before. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#restarts.stop();
    this.#alignment.stop();
    this.queries.stop();
    await this.epochs?.stop();
    this.letters.stop();
    const reading = this.#cells.filter((cell) => cell.started && !cell.ended && this.#isSource(cell));
    await this.#reservations.end(reading);
    for (const cell of this.#cells) await cell.supervisor.stopAll();
  }

  /** Whether the storage has to be told that what was lost is known. */
  get isReportDue(): boolean {
    return this.#reservations.isReportDue;
  }

  /** It is known. */
  reported(): Promise<void> {
    return this.#reservations.reported();
  }

  /** A thread died: its cells start over on its replacement. */
  hostLost(host: number, cause: unknown): void {
    const lost = this.#cells.filter((cell) => cell.address.host === host);
    this.#isRecovering = true;
    for (const cell of lost) {
      const reserved = cell.ended ? 0 : this.#reservations.lose(cell);
      // What it has told as lost is in what was lost with the thread (CellBacklog).
      cell.before = addedStats(cell.before, cell.stats, reserved - (cell.stats?.lostEvents ?? 0));
      cell.stats = undefined;
      cell.fresh = true;
      cell.started = false;
      this.#survey.answered(cell);
      this.queries.lost(cell);
    }
    this.#restarts.hostLost(lost, host, cause);
  }

  /** The counters of every cell; those that do not answer within `limitMs` keep what they said last. */
  async stats(limitMs: number): Promise<readonly CellStats[]> {
    await this.#ask(limitMs);
    return this.#cells.map((cell) => ({
      cell: { chain: cell.chain, instance: cell.instance, host: cell.address.host },
      stats: cell.before === undefined ? cell.stats : addedStats(cell.before, cell.stats, 0),
    }));
  }

  /** Which operators others wait for, as they told last. */
  waitingFor(): WaitingFor[] {
    const { graph, plan } = this.#settings.hosted;
    return this.#joining.begun ? waitingFor(graph, plan, this.#cells) : [];
  }

  epochReport(): RunEpochReport | undefined {
    return this.#jobEpochs?.report();
  }

  /** Also those that have ended: they may have something left to commit. */
  async #ask(limitMs: number): Promise<void> {
    const asked = this.#stopping ? [] : this.#cells.filter((cell) => cell.started);
    await this.#survey.run(asked, limitMs);
  }

  #recovered(): void {
    if (this.#isRecovering) this.#hooks.onRecovered();
    this.#isRecovering = false;
  }

  #createEpochs(attempts: ChannelAttempts, tell: TellCell): JobEpochs {
    const { host, hosted, epochs, metrics, store } = this.#settings;
    return new JobEpochs(host, hosted.graph.name, epochs, metrics, store, this.#cells, {
      isSource: (cell) => this.#isSource(cell),
      signal: tell,
      onCheckpoint: (epoch) => {
        for (const cell of this.#cells) keepCounted(cell, epoch);
        this.letters.onCheckpoint();
        this.#letGo(attempts, tell);
        if (this.#cells.every(({ started }) => started)) this.#recovered();
      },
      waitingFor: async (missing) => {
        await this.#ask(statsLimitMs);
        return waitingFor(hosted.graph, hosted.plan, this.#cells, missing);
      },
      fail: (error) => this.#hooks.onFailed(error),
    });
  }

  #letGo(attempts: ChannelAttempts, tell: TellCell): void {
    for (const { cell: key, channels } of this.#keeping.onCheckpoint()) {
      const cell = this.#cells.find((each) => each.key === key);
      if (cell !== undefined) tell(cell, [signalKind.keepNothing, attempts.open(channels)]);
    }
  }

  #createCell(chain: ChainPlan, instance: number): JobCell {
    const { host, hosted } = this.#settings;
    const head = headOf(hosted.graph, chain);
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
        onEscalate: (error) => this.#restarts.escalated(cell, error),
        onStarted: () => this.#onStarted(cell),
        onFailed: (_path, error) => {
          if (noteFailure(cell.failures, error)) this.#keeping.failedAtEvent(cell.key);
        },
        onNote: (_path, note) => this.#onNote(cell, note as StreamNote | ReservationNote | AbsentNote | HaltNote),
        onRestart: () => this.#restarts.startOver(cell),
        holdRestart: (go) => this.#restarts.hold(go),
      }),
      started: false,
      fresh: true,
      restartsWithAll: false,
      upstream: [],
      ended: this.letters.standingOf(key)?.ended ?? false,
      stats: undefined,
      counted: [],
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
    cell.supervisor.spawn({ path, aliases, host: place, spec: () => this.#starts.specOf(cell) });
  }

  #onStarted(cell: JobCell): void {
    cell.started = true;
    if (!this.#stopping) this.#joining.onStarted();
  }

  #onNote(cell: JobCell, note: StreamNote | ReservationNote | AbsentNote | HaltNote): void {
    if (note.kind === "reserve") return this.#reservations.reserve(cell, note);
    if (note.kind === "absent") {
      cell.before = addedStats(cell.before, undefined, -this.#reservations.absent(cell, note.events));
      return;
    }
    if (note.kind === "halted") return this.#reservations.halted(cell, note);
    if (note.kind === "replayed") return this.#restarts.whenWritten([cell], []);
    if (note.kind === "snapshot") {
      countAtBarrier(cell, note.snapshot.epoch, note.counters);
      return this.epochs?.acknowledge(cell.key, note.snapshot, note.alignmentMs);
    }
    if (note.kind === "retained") return this.#jobEpochs?.retained(cell, note.bytes);
    if (note.kind === "many-letters") return this.#jobEpochs?.startSoon(cell);
    if (note.kind === "answer") return this.queries.answered(note.id, note.answer);
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

  #isSource({ chain }: JobCell): boolean {
    return headOf(this.#settings.hosted.graph, chain).kind === "source";
  }
}
