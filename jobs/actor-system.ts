/** ActorSystem: the actor system of the runtime, with jobs. */

import {
  type ActorSystemOptions,
  assertPlainData,
  type Duration,
  durationMs,
  ActorSystem as RuntimeActorSystem,
  wholeNumber,
} from "../runtime/index.ts";
import { buildGraph, type JobDefinition } from "./define-job.ts";
import { checkGuarantee, type Guarantee } from "./epochs/guarantee.ts";
import { creditEventsMax, epochIntervalMsDefault } from "./limits.ts";
import { plan } from "./planner.ts";
import { HostedJob } from "./run/hosted-job.ts";
import { chainCellModule, JobRun } from "./run/job-run.ts";
import { JobModuleMissingError, JobNameTakenError } from "./run/run-error.ts";

export interface SubmitOptions<P> {
  /** Handed to the function that describes the job, on every thread. Plain data. */
  readonly params?: P;
  /** Events on their way on one channel; beyond, the sender waits. Default 8,192. */
  readonly creditEvents?: number;
  /** What the run promises when something fails. Default `at-most-once`. */
  readonly guarantee?: Guarantee;
  /** Between the completion of an epoch and the start of the next; not under `at-most-once`. Default "200ms". */
  readonly epochInterval?: Duration;
  /** Cancels the run when aborted. */
  readonly signal?: AbortSignal;
}

export class ActorSystem extends RuntimeActorSystem {
  readonly #runs = new Map<string, JobRun>();

  /** Starts a system; resolves when every worker thread runs. Throws ERR_RT_OPTION, ERR_RT_THREAD_START. */
  static override async start(options: ActorSystemOptions = {}): Promise<ActorSystem> {
    return RuntimeActorSystem.started(new ActorSystem(options));
  }

  /** The jobs that have not ended. */
  get runs(): readonly JobRun[] {
    return [...this.#runs.values()];
  }

  /**
   * Builds the job, plans it and starts it. Resolves to its handle when its cells have been created; what fails while
   * they start, or later, rejects `run.completed`.
   *
   * @throws ERR_JOB_* for what is wrong with the graph, ERR_JOB_NAME_TAKEN, ERR_JOB_NO_MODULE, ERR_RT_NOT_PLAIN_DATA
   *   naming the place in the params that cannot cross threads, ERR_RT_SYSTEM_STOPPED
   */
  async submit<P>(definition: JobDefinition<P>, options: SubmitOptions<P> = {}): Promise<JobRun> {
    this.checkRunning();
    if (this.threads > 0) {
      assertPlainData(options.params, "params");
      if (definition.url === undefined) throw new JobModuleMissingError(definition.name, this.threads);
    }
    if (this.#runs.has(definition.name)) throw new JobNameTakenError(definition.name);
    const { creditEvents } = options;
    if (creditEvents !== undefined) wholeNumber("creditEvents", creditEvents, 1, creditEventsMax);

    const graph = buildGraph(definition, options.params as P);
    const run = new JobRun({
      host: this.host,
      hosted: new HostedJob(graph, plan(graph, { hostCount: this.threads })),
      runId: this.host.random.id(),
      moduleUrl: definition.url,
      params: options.params,
      creditEvents,
      guarantee: checkGuarantee(options.guarantee ?? "at-most-once"),
      epochIntervalMs: durationMs(options.epochInterval ?? epochIntervalMsDefault, "epochInterval"),
      threadIdOf: (host) => this.hosts().find((status) => status.host === host)?.threadId ?? 0,
      onEnd: () => {
        removeListener();
        this.#runs.delete(definition.name);
      },
    });
    const removeListener = this.addHostLossListener(run);
    this.#runs.set(definition.name, run);
    if (definition.url !== undefined) this.preload([chainCellModule, definition.url]);
    run.start(options.signal);
    return run;
  }

  /** Cancels the jobs, stops every actor, then the worker threads. */
  override async stop(): Promise<void> {
    await Promise.all(this.runs.map((run) => run.cancel()));
    await super.stop();
  }
}
