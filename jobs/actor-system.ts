/** ActorSystem: the actor system of the runtime, with jobs. */

import {
  type ActorSystemOptions,
  assertPlainData,
  checkNames,
  type Duration,
  moduleBeside,
  type OptionNames,
  type Rehearsal,
  ActorSystem as RuntimeActorSystem,
  type ServiceThread,
} from "../runtime/index.ts";
import { buildGraph, type JobDefinition } from "./define-job.ts";
import type { EpochOptions } from "./epochs/epoch-options.ts";
import type { Guarantee } from "./epochs/guarantee.ts";
import { warnOfUnreplayable } from "./epochs/unreplayable-sources.ts";
import type { JobGraph } from "./job-graph.ts";
import type { JobPlan } from "./job-plan.ts";
import { LetterBox } from "./letters/letter-box.ts";
import type { DeadLetterOptions } from "./letters/letter-options.ts";
import { preparationLimitMs } from "./limits.ts";
import { plan } from "./planner.ts";
import { HostedJob } from "./run/hosted-job.ts";
import type { JobRestartOptions } from "./run/job-restarts.ts";
import { type CellModule, chainCellModule, JobRun } from "./run/job-run.ts";
import { JobModuleMissingError, JobNameTakenError } from "./run/run-error.ts";
import { checkStoredGuarantee } from "./run/stored-reservation.ts";
import type { CheckpointStore } from "./store/checkpoint-store.ts";
import { noteCompleted } from "./store/completed-before.ts";
import { MemoryFirstStore, type OpenTemporary } from "./store/memory-first-store.ts";
import { SqliteStore } from "./store/sqlite-store.ts";
import type { StorageOptions } from "./store/storage-options.ts";
import { type StoreSettings, submitSettings } from "./submit-settings.ts";
import { checkTables } from "./tables/job-tables.ts";
import type { StartOptions } from "./upgrade/start-options.ts";

export interface SubmitOptions<P> extends EpochOptions, StartOptions {
  /** Handed to the function that describes the job, on every thread. Plain data. */
  readonly params?: P;
  /** Events on their way on one channel at most, what was put together of several as one; beyond, the sender waits. Default 65,536. */
  readonly creditEvents?: number;
  /**
   * How long results wait at most for a fuller batch while their operator has more to do; it sends them at once when it has not. Longer waits
   * send less, where events are pre-aggregated far less. 0: they are sent with every turn. Default 5 ms.
   */
  readonly linger?: Duration;
  /** What the run promises when something fails. Default `at-most-once`. */
  readonly guarantee?: Guarantee;
  /**
   * A directory for the checkpoints of the job: submitted again with the same directory, also by another process, it goes
   * on from the last one. Under `at-most-once` it holds where the sources stand, and no state. Default: in memory, large
   * state in a temporary file, gone with the run.
   */
  readonly storage?: string | StorageOptions;
  /**
   * How often the job starts over as a whole, from its last checkpoint, when the supervision of an operator escalates a
   * failure or has spent its restarts. Not under `at-most-once`, where the job fails at once. Default 3 in "1m".
   */
  readonly jobRestarts?: JobRestartOptions;
  /** How many dead letters are kept, and what a flood of them does. */
  readonly deadLetters?: DeadLetterOptions;
  /** Cancels the run when aborted. */
  readonly signal?: AbortSignal;
}

export const submitOptionNames: OptionNames<SubmitOptions<never>> = {
  params: true,
  creditEvents: true,
  linger: true,
  guarantee: true,
  storage: true,
  jobRestarts: true,
  deadLetters: true,
  signal: true,
  epochInterval: true,
  epochTimeout: true,
  retentionBytes: true,
  retentionBytesMax: true,
  from: true,
  allowDropped: true,
};

export class ActorSystem extends RuntimeActorSystem {
  readonly #runs = new Map<string, JobRun>();
  /** Jobs whose storage is being opened. */
  readonly #opening = new Set<string>();
  /** One that was started ahead, for the first storage. */
  #storeThread: ServiceThread | undefined;

  /** Starts a system; resolves when every worker thread runs. Throws ERR_RT_OPTION, ERR_RT_THREAD_START. */
  static override async start(options: ActorSystemOptions = {}): Promise<ActorSystem> {
    RuntimeActorSystem.checkOptionNames(options);
    return RuntimeActorSystem.started(new ActorSystem(options));
  }

  /**
   * Starts a system for a job with a storage, and does ahead what its submit would wait for: threads load the module of the
   * job as soon as they run, and the thread of the storage is started. It opens nothing.
   *
   * @internal
   */
  static startAhead(moduleUrl: string, options: ActorSystemOptions): Promise<ActorSystem> {
    return ActorSystem.startedAhead(new ActorSystem(options), moduleUrl);
  }

  protected static async startedAhead<System extends ActorSystem>(system: System, moduleUrl: string): Promise<System> {
    system.preload([system.cellModule.url, moduleUrl], rehearsalModule);
    const thread = SqliteStore.startThread();
    system.#storeThread = thread;
    try {
      return await RuntimeActorSystem.started(system);
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  /** The jobs that have not ended. */
  get runs(): readonly JobRun[] {
    return [...this.#runs.values()];
  }

  /**
   * Lets all threads rehearse, this one too, for a job that is going to be submitted later. Resolves when one of them stands by with
   * everything loaded, or after `preparationLimitMs`.
   *
   * @internal
   */
  async prepare(): Promise<void> {
    const { clock } = this.host;
    const standing = Promise.withResolvers<void>();
    const unsubscribe = this.on("thread-stands-by", () => standing.resolve());
    const cancelLimit = clock.after(preparationLimitMs, standing.resolve);
    this.preload([rehearsalModule], rehearsalModule, true);
    const { rehearse } = (await import(rehearsalModule)) as { readonly rehearse: Rehearsal };
    const isWanted = () => this.#runs.size + this.#opening.size > 0;
    if (!isWanted()) await rehearse(clock, isWanted);
    if (this.threads > 0) await standing.promise;
    cancelLimit();
    unsubscribe();
  }

  /**
   * Builds the job, plans it and starts it. Resolves to its handle when its cells have been created; what fails while
   * they start, or later, rejects `run.completed`.
   *
   * @throws ERR_JOB_* for what is wrong with the graph or the storage, ERR_JOB_NAME_TAKEN, ERR_JOB_NO_MODULE,
   *   ERR_RT_NOT_PLAIN_DATA naming the place in the params that cannot cross threads, ERR_RT_OPTION, ERR_RT_SYSTEM_STOPPED
   */
  async submit<P>(definition: JobDefinition<P>, options: SubmitOptions<P> = {}): Promise<JobRun> {
    this.checkRunning();
    checkNames("submit", options, submitOptionNames);
    if (this.threads > 0) {
      assertPlainData(options.params, "params");
      if (definition.url === undefined) throw new JobModuleMissingError(definition.name, this.threads);
    }
    const { name } = definition;
    await this.#runs.get(name)?.gone;
    if (this.#runs.has(name) || this.#opening.has(name)) throw new JobNameTakenError(name);
    const { storage, lettersKeptMax, run: settings } = submitSettings(options);
    const { guarantee } = settings;

    const graph = buildGraph(definition, options.params as P);
    checkTables(graph, guarantee !== "at-most-once", storage !== undefined);
    warnOfUnreplayable(this.host.logger, graph, guarantee);
    const jobPlan = plan(graph, { hostCount: this.threads });
    const letters = new LetterBox(lettersKeptMax);
    const store = await this.#openedStore(storage, graph, jobPlan, letters, guarantee);
    const run = new JobRun({
      host: this.host,
      hosted: new HostedJob(graph, jobPlan),
      runId: this.host.random.id(),
      moduleUrl: definition.url,
      cellModule: this.cellModule,
      params: options.params,
      ...settings,
      metrics: this.metrics,
      store,
      storage: storage?.directory,
      threadIdOf: (host) => this.hosts().find((status) => status.host === host)?.threadId ?? 0,
      unfinishedWork: () => this.unfinishedWork(),
      onRecovered: () => this.refillThreads(),
      onEnd: () => {
        removeListener();
        unsubscribe();
        this.#runs.delete(definition.name);
      },
    });
    const removeListener = this.addHostLossListener(run);
    const unsubscribe = this.deadLetters.subscribe((letter) => run.keepDeadLetter(letter));
    this.#runs.set(definition.name, run);
    if (definition.url !== undefined) this.preload([this.cellModule.url, definition.url], rehearsalModule);
    run.start(options.signal);
    return run;
  }

  /** What worker threads make the cells of jobs by. Threads with faults make others. */
  protected get cellModule(): CellModule {
    return { url: chainCellModule, args: {} };
  }

  /** Where the checkpoints of a run are kept: in a directory, or in memory. A simulation keeps them elsewhere. */
  protected openStore(
    settings: StoreSettings | undefined,
    graph: JobGraph,
    jobPlan: JobPlan,
    letters: LetterBox,
  ): Promise<CheckpointStore> {
    if (settings !== undefined) {
      return SqliteStore.open(settings, graph, jobPlan, letters, this.host, this.#takeStoreThread());
    }
    const openTemporary: OpenTemporary = () =>
      SqliteStore.openTemporary(graph, jobPlan, letters, this.host, this.#takeStoreThread());
    return Promise.resolve(new MemoryFirstStore(letters, this.host.logger, openTemporary));
  }

  #takeStoreThread(): ServiceThread {
    const thread = this.#storeThread ?? SqliteStore.startThread();
    this.#storeThread = undefined;
    return thread;
  }

  async #openedStore(
    settings: StoreSettings | undefined,
    graph: JobGraph,
    jobPlan: JobPlan,
    letters: LetterBox,
    guarantee: Guarantee,
  ): Promise<CheckpointStore> {
    this.#opening.add(graph.name);
    try {
      const store = await this.openStore(settings, graph, jobPlan, letters);
      try {
        checkStoredGuarantee(store, jobPlan, guarantee);
        noteCompleted(this.host.logger, store, jobPlan, graph.name);
        this.checkRunning();
      } catch (error) {
        await store.close();
        throw error;
      }
      return store;
    } finally {
      this.#opening.delete(graph.name);
    }
  }

  /** Cancels the jobs, stops every actor, then the worker threads. */
  override async stop(): Promise<void> {
    await Promise.all(this.runs.map((run) => run.cancel()));
    await this.#storeThread?.close();
    await super.stop();
  }
}

/** The module that spare threads rehearse by. */
const rehearsalModule = moduleBeside(import.meta.url, "run/rehearsal");
