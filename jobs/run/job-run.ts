/** JobRun: the handle of a submitted job: how it is doing, its outputs, its operators as actors, and how to end it. */

import { creditEventsDefault, type EventDeadLetter, type Key, type LetterBounds } from "../../actors/index.ts";
import {
  type ActorRef,
  actorRef,
  type CellContext,
  checkName,
  type DeadLetter,
  faultPoint,
  type Host,
  type Metrics,
  moduleBeside,
  rootPath,
  type Unsubscribe,
} from "../../runtime/index.ts";
import type { EpochSettings } from "../epochs/epoch-options.ts";
import type { Guarantee } from "../epochs/guarantee.ts";
import { fingerprint } from "../fingerprint.ts";
import { statsLimitMs, waitReportedMsMin } from "../limits.ts";
import type { CheckpointStore } from "../store/checkpoint-store.ts";
import { notStored, SavepointError } from "../store/savepoint-error.ts";
import {
  type BoundNode,
  type BoundSpec,
  type ChainModuleArgs,
  type ChainStart,
  chainCell,
  operatorPath,
} from "./chain-cell.ts";
import { detachedState } from "./detached-state.ts";
import type { HostedJob } from "./hosted-job.ts";
import { JobCells } from "./job-cells.ts";
import type { JobRestartSettings } from "./job-restarts.ts";
import { MainSinks } from "./main-sinks.ts";
import { RunDeadLetters } from "./run-dead-letters.ts";
import { closeStore, disposeServices } from "./run-end.ts";
import { JobFailedError, type LastCheckpoint, unknownOperator } from "./run-error.ts";
import { type RunReport, type RunStatus, workReport } from "./run-report.ts";
import type { KeyedState, KeyState, QueryOptions, RangeQueryOptions } from "./state-queries.ts";
import type { WaitingFor } from "./waiting-for.ts";
import { explainWatermark, type WatermarkExplanation } from "./watermark-explanation.ts";

/** A module with the function `createChainCell`, and what that is handed besides `ChainModuleArgs`. Plain data. */
export interface CellModule {
  readonly url: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface JobRunSettings {
  readonly host: Host;
  readonly hosted: HostedJob;
  readonly runId: string;
  readonly moduleUrl: string | undefined;
  readonly cellModule: CellModule;
  readonly params: unknown;
  readonly creditEvents: number | undefined;
  readonly lingerMs: number;
  readonly guarantee: Guarantee;
  readonly epochs: EpochSettings;
  readonly metrics: Metrics;
  readonly jobRestarts: JobRestartSettings;
  /** How many dead letters of an epoch are kept, and what more of them do. */
  readonly letterBounds: LetterBounds;
  /** Closed when the run has ended. */
  readonly store: CheckpointStore;
  /** The directory of the store; undefined when it ends with the process. */
  readonly storage: string | undefined;
  readonly threadIdOf: (host: number) => number;
  /** Events that cells of the system have taken on and not finished; at the most. */
  readonly unfinishedWork: () => number;
  /** Called when the run has recovered from the loss of a thread. */
  readonly onRecovered: () => void;
  /** Called once, when the run has ended in whichever way and all its cells have stopped. */
  readonly onEnd: () => void;
}

export class JobRun implements AsyncDisposable {
  readonly job: string;
  /** Unique per submit. */
  readonly runId: string;
  readonly #settings: JobRunSettings;
  /** The events that its operators gave up. */
  readonly deadLetters: RunDeadLetters;
  readonly #cells: JobCells;
  readonly #sinks: MainSinks;
  readonly #completed = Promise.withResolvers<RunReport>();
  readonly #begun = Promise.withResolvers<void>();
  readonly #startMs: number;
  #status: RunStatus = "starting";
  /** Events that were lost on their way within threads, or in the processes before; at the most. */
  #unfinishedEvents = 0;
  #ending: Promise<void> | undefined;

  /** @internal Runs come from `system.submit`. */
  constructor(settings: JobRunSettings) {
    const { host, hosted, runId } = settings;
    this.#settings = settings;
    this.job = hosted.graph.name;
    this.runId = runId;
    this.#startMs = host.clock.monotonicMs();
    this.#sinks = new MainSinks(hosted.graph, settings.guarantee === "exactly-once", settings.store.durable);
    this.#cells = new JobCells(
      {
        host,
        hosted,
        creditEvents: settings.creditEvents ?? creditEventsDefault,
        lingerMs: settings.lingerMs,
        guarantee: settings.guarantee,
        epochs: settings.epochs,
        metrics: settings.metrics,
        store: settings.store,
        storage: settings.storage,
        jobRestarts: settings.jobRestarts,
        letterBounds: settings.letterBounds,
        unfinishedEvents: () => this.#unfinishedEvents + settings.unfinishedWork(),
        specOf: (start, place) => this.#specOf(start, place),
      },
      {
        onBegun: () => this.#onBegun(),
        onRecovered: settings.onRecovered,
        onEnded: () =>
          void this.#end(
            this.#status === "draining" || this.#status === "running" ? "completed" : this.#status,
            undefined,
          ),
        onFailed: (error) => void this.#end("failed", new JobFailedError(this.job, error, this.#lastCheckpoint)),
      },
    );
    this.#unfinishedEvents = this.#cells.lostBefore;
    this.deadLetters = new RunDeadLetters(this.#cells.letters);
    settings.store.answerSavepointsBy((name) => this.savepoint(name));
    this.#completed.promise.catch(() => undefined);
    this.#begun.promise.catch(() => undefined);
  }

  get status(): RunStatus {
    return this.#status;
  }

  /**
   * Resolves when every source, operator and sink is open and events flow (a TCP source listens), or when the run was
   * cancelled before. Rejects with ERR_JOB_FAILED when one of them cannot be opened.
   */
  get started(): Promise<void> {
    return this.#begun.promise;
  }

  /**
   * Resolves with the last report when the job has ended: by itself, after `drain()`, or after `cancel()` (see its
   * `status`). Rejects with ERR_JOB_FAILED when it failed.
   */
  get completed(): Promise<RunReport> {
    return this.#completed.promise;
  }

  /** Sources stop reading, everything in flight is finished, then the job ends. Resolves when it has. */
  async drain(): Promise<RunReport> {
    if (this.#status === "starting") await this.#begun.promise;
    if (this.#status === "running") {
      this.#status = "draining";
      this.#cells.drain();
    }
    return this.completed;
  }

  /**
   * Takes a last checkpoint and ends the job behind it: sources hand on nothing that is not in it. Submitted again with the
   * same storage, also as another version, the job goes on. Resolves when what sinks prepared is committed and every cell has
   * stopped, with the report of a job that has completed when it did before; rejects with ERR_JOB_SAVEPOINT without `storage`,
   * and as `completed` when the job fails before.
   */
  async stop(): Promise<RunReport> {
    if (!this.#settings.store.durable) throw notStored("the job cannot be stopped to go on later");
    await this.#begun.promise;
    const taken = this.#cells.epochs?.lastCheckpoint() ?? Promise.resolve();
    // When the run ends before, it says itself how.
    await taken.then(
      () => this.#end("stopped", undefined),
      () => undefined,
    );
    return this.completed;
  }

  /**
   * Keeps a checkpoint of now, under a name, until it is deleted; the job goes on. `submit` with `from` begins from it, also
   * with another version of the job. Resolves to its file when that is durable.
   *
   * Rejects with ERR_RT_OPTION for a name that is none, ERR_JOB_SAVEPOINT_TAKEN, ERR_JOB_SAVEPOINT when the run has no
   * `storage`, has not started or ends before, ERR_JOB_STORAGE when the copy cannot be written.
   */
  async savepoint(name: string): Promise<string> {
    const { store } = this.#settings;
    const what = `savepoint ${JSON.stringify(checkName("savepoint", name))} cannot be taken`;
    if (!store.durable) throw notStored(what);
    store.checkSavepoint(name);
    if (this.#ending !== undefined || this.#status === "starting") {
      const when = this.#status === "starting" ? "has not started yet: wait for `run.started`" : "has ended";
      throw new SavepointError(`${what}: the run ${when}`, { details: { name } });
    }
    return this.#cells.epochs?.savepoint(() => store.savepoint(name)) ?? store.savepoint(name);
  }

  /** Ends the job at once; what is in flight is lost. Resolves when every cell has stopped. */
  async cancel(): Promise<void> {
    await this.#end("cancelled", undefined);
  }

  /** What the run has done so far. */
  async report(): Promise<RunReport> {
    const cells = await this.#cells.stats(statsLimitMs);
    const { hosted, host, threadIdOf } = this.#settings;
    return {
      job: this.job,
      runId: this.runId,
      status: this.#status,
      elapsedMs: host.clock.monotonicMs() - this.#startMs,
      ...workReport(hosted.graph, cells, threadIdOf),
      waitingFor: this.#waitingFor(),
      epochs: this.#cells.epochReport(),
      lostEvents: cells.reduce((sum, { stats }) => sum + (stats?.lostEvents ?? 0), this.#unfinishedEvents),
    };
  }

  /**
   * What an operator keeps of a key, by the names of its states: now, or as of the last checkpoint; undefined for nothing. Rejects
   * with ERR_JOB_OPERATOR_UNKNOWN, ERR_JOB_QUERY when it keeps no state, starts over or does not answer, ERR_ACT_KEY for no key.
   */
  query<T extends KeyState>(operator: string, key: Key, options: QueryOptions = {}): Promise<T | undefined> {
    return this.#cells.queries.ofKey(operator, key, options);
  }

  /** What an operator keeps of a range of keys, in their order: numbers, then texts. Rejects as `query`, and with ERR_RT_OPTION. */
  queryRange<T extends KeyState>(operator: string, range: RangeQueryOptions = {}): Promise<readonly KeyedState<T>[]> {
    return this.#cells.queries.ofRange(operator, range);
  }

  /**
   * Why event time has not come further at an operator: which instance, input and split hold it up, and for how long. Throws
   * ERR_JOB_OPERATOR_UNKNOWN.
   */
  async explainWatermark(operator: string): Promise<WatermarkExplanation> {
    const { graph, plan } = this.#settings.hosted;
    if (!graph.nodes.some(({ name }) => name === operator)) throw unknownOperator(graph, operator, 0);
    return explainWatermark(graph, plan, await this.#cells.stats(statsLimitMs), operator);
  }

  #waitingFor(): WaitingFor[] {
    if (this.#status !== "running" && this.#status !== "draining") return [];
    return this.#cells.waitingFor().filter(({ why, forMs }) => why === "starts-over" || forMs >= waitReportedMsMin);
  }

  /** A handle to one instance of an operator, as an actor. Throws ERR_JOB_OPERATOR_UNKNOWN. */
  actor<Message = unknown, Reply = unknown>(operator: string, instance = 0): ActorRef<Message, Reply> {
    const { graph, plan } = this.#settings.hosted;
    const node = graph.nodes.find(({ name }) => name === operator);
    const chain = node === undefined ? undefined : plan.chains.find(({ nodes }) => nodes.includes(node.id));
    const place = chain?.instances[instance];
    if (node === undefined || place === undefined) throw unknownOperator(graph, operator, instance);
    const path = operatorPath(this.#settings.host.system, graph.name, node.name, instance);
    return actorRef(this.#settings.host, { path, host: place.host });
  }

  /**
   * What the `collect` sink of that name has collected so far; with a storage also in the runs before that this one goes on
   * from. Throws ERR_JOB_OPERATOR_UNKNOWN.
   */
  collected<T = unknown>(name: string): readonly T[] {
    return this.#sinks.collected(name) as readonly T[];
  }

  /**
   * The events of the `output` of that name. Iterate over it, or the stream stops when its buffer is full. Iteration ends
   * with the run, with its error when it failed. Throws ERR_JOB_OPERATOR_UNKNOWN.
   */
  output<T = unknown>(name: string): AsyncIterable<T> {
    return this.#sinks.output(name) as AsyncIterable<T>;
  }

  /** Cancels the run if it has not ended. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel();
  }

  /** @internal Resolves when nothing is left of a run that ends; undefined while it goes on. */
  get gone(): Promise<void> | undefined {
    return this.#ending;
  }

  /** @internal */
  start(signal: AbortSignal | undefined): void {
    this.#cells.start();
    if (signal === undefined) return;
    if (signal.aborted) return void this.cancel();
    const abort = () => void this.cancel();
    signal.addEventListener("abort", abort, { once: true });
    this.#unlisten = () => signal.removeEventListener("abort", abort);
  }

  /** @internal Where there is no checkpoint to bring it, a dead letter comes as a fact. */
  keepDeadLetter(letter: DeadLetter): void {
    const { box } = this.#cells.letters;
    if (this.#settings.guarantee !== "at-most-once" || !("operator" in letter)) return;
    if (letter.to.startsWith(`${rootPath(this.#settings.host.system, this.job)}/`)) {
      box.apply(box.change([letter as EventDeadLetter], []));
    }
  }

  /** @internal */
  hostLost(host: number, cause: unknown, unfinishedEvents = 0): void {
    if (this.#settings.guarantee === "at-most-once") this.#unfinishedEvents += unfinishedEvents;
    this.#cells.hostLost(host, cause);
  }

  get #lastCheckpoint(): LastCheckpoint | undefined {
    const { guarantee, store } = this.#settings;
    return guarantee === "at-most-once" ? undefined : { epoch: store.epoch, place: store.place };
  }

  #unlisten: Unsubscribe = () => undefined;

  #onBegun(): void {
    faultPoint("run.begun");
    if (this.#status === "starting") this.#status = "running";
    this.#begun.resolve();
  }

  #end(status: RunStatus, error: Error | undefined): Promise<void> {
    this.#ending ??= this.#stop(status, error);
    return this.#ending;
  }

  async #stop(status: RunStatus, error: Error | undefined): Promise<void> {
    this.#unlisten();
    this.#status = status;
    const report = status === "cancelled" || status === "stopped" ? await this.report() : undefined;
    const { hosted, host, store } = this.#settings;
    await this.#cells.stop();
    await disposeServices(hosted, host.logger);
    const isToldFirst = error === undefined && this.#cells.isReportDue;
    if (isToldFirst) {
      await this.#tell(report, error);
      await new Promise<void>((resolve) => host.clock.soon(resolve));
      await this.#cells.reported();
    }
    await closeStore(store, host.logger);
    this.#settings.onEnd();
    if (!isToldFirst) await this.#tell(report, error);
  }

  async #tell(report: RunReport | undefined, error: Error | undefined): Promise<void> {
    this.#sinks.end(error);
    if (error !== undefined) {
      this.#begun.reject(error);
      this.#completed.reject(error);
    } else {
      this.#begun.resolve();
      this.#completed.resolve(report ?? (await this.report()));
    }
  }

  #specOf(start: ChainStart, place: number) {
    const { hosted, moduleUrl, cellModule, runId, params } = this.#settings;
    if (place === 0 || moduleUrl === undefined) {
      const create = (context: CellContext) =>
        chainCell(
          context,
          hosted,
          start,
          (node) => this.#boundSpec(node),
          () => undefined,
        );
      return { kind: "local", create } as const;
    }
    const { restore: whole, ...bare } = start;
    const [restore, attachments] = detachedState(whole);
    const args: ChainModuleArgs = {
      runId,
      moduleUrl,
      job: this.job,
      params,
      hostCount: hosted.plan.hostCount,
      fingerprint: fingerprint(hosted.graph),
      start: bare,
      restore,
    };
    const all = { ...cellModule.args, ...args };
    return { kind: "module", module: cellModule.url, export: "createChainCell", args: all, attachments } as const;
  }

  /** Sinks that hand events to code of this thread are bound to this run. */
  #boundSpec({ name, label, spec }: BoundNode): BoundSpec {
    if (label !== "collect" && label !== "output") return spec;
    return { kind: label, create: () => this.#sinks.createLogic(name) };
  }
}

/** The module that worker threads load. */
export const chainCellModule = moduleBeside(import.meta.url, "chain-cell");
