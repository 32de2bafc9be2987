/**
 * SupervisedRun: the handle of a job that runs in another process, which is replaced from the last checkpoint when it dies.
 *
 * Invariants
 *  S1  at most one process runs the job at a time: the next one is told to after the last one has ended. Besides there may
 *      be one that stands by, with everything loaded (standby-process.ts).
 *  S2  `completed` settles once: with the report of a process that has ended the job, or with why there will be none.
 *
 * Not here: whether a death is followed by a restart (process-supervision.ts), one process (run-process.ts),
 * and what is asked of it (process-questions.ts).
 */

import {
  type AskOptions,
  type CancelTimer,
  type Clock,
  durationMs,
  fromWire,
  type Logger,
  type ProcessEnd,
  type ProcessLauncher,
  type Random,
  type Unsubscribe,
} from "../../runtime/index.ts";
import { cancelLimitMs, processAsksMax } from "../limits.ts";
import type { RunReport } from "../run/run-report.ts";
import { CollectedEvents } from "./collected-events.ts";
import { ProcessAccessError, ProcessDiedError, ProcessRestartsSpentError } from "./process-error.ts";
import { type ProcessFact, type ProcessFactKind, type ProcessFactOf, ProcessFacts } from "./process-facts.ts";
import type { DescribedJob, EndOfRun, FailureStage, ProcessMessage, RunOrder } from "./process-protocol.ts";
import { ProcessQuestions } from "./process-questions.ts";
import { type ProcessDecision, type ProcessPolicy, ProcessSupervision } from "./process-supervision.ts";
import { RunProcess } from "./run-process.ts";
import { StandbyProcess } from "./standby-process.ts";
import {
  emptyReport,
  endedAs,
  endings,
  hasEnded,
  type SupervisedEnd,
  type SupervisedReport,
  type SupervisedStatus,
} from "./supervised-report.ts";

export interface SupervisedRunSettings {
  readonly order: RunOrder;
  readonly storage: string;
  readonly policy: ProcessPolicy;
  readonly hangLimitMs: number;
  /** The module that the process runs. */
  readonly module: string;
  readonly launcher: ProcessLauncher;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Whether a process stands by when one has run for a while. */
  readonly standby: boolean;
  /** Where to what the process writes to standard error. */
  readonly writeErrorText: (text: string) => void;
  /** The epoch of the last checkpoint that is stored for a job; 0 for none. */
  readonly storedEpoch: (job: string) => number;
}

export class SupervisedRun implements AsyncDisposable {
  readonly #settings: SupervisedRunSettings;
  readonly #supervision: ProcessSupervision;
  readonly #facts: ProcessFacts;
  readonly #completed = Promise.withResolvers<SupervisedReport>();
  readonly #described = Promise.withResolvers<DescribedJob>();
  readonly #begun = Promise.withResolvers<void>();
  readonly #questions: ProcessQuestions;
  readonly #standby: StandbyProcess;
  readonly #startMs: number;
  #collected = new CollectedEvents();
  #job: string;
  #description: DescribedJob | undefined;
  #status: SupervisedStatus = "starting";
  #wish: "run" | EndOfRun = "run";
  #process: RunProcess | undefined;
  #restarts = 0;
  #lastReport: RunReport | undefined;
  #failureStage: FailureStage = "run";
  #cancelTimer: CancelTimer = () => undefined;

  /** @internal Runs come from `supervise`. */
  constructor(job: string, settings: SupervisedRunSettings) {
    this.#job = job;
    this.#settings = settings;
    this.#supervision = new ProcessSupervision(settings.policy);
    this.#facts = new ProcessFacts(settings.logger);
    this.#questions = new ProcessQuestions(settings.clock, (id, question) =>
      this.#process?.send({ kind: "question", id, question }),
    );
    this.#standby = new StandbyProcess(settings.clock, settings.random, () => this.#launch(true));
    this.#startMs = settings.clock.monotonicMs();
    for (const { promise } of [this.#completed, this.#described, this.#begun]) promise.catch(() => undefined);
    this.#start();
  }

  get job(): string {
    return this.#job;
  }

  get status(): SupervisedStatus {
    return this.#status;
  }

  /** Of the process that runs the job now; undefined between two. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** How often a process was replaced. */
  get processRestarts(): number {
    return this.#restarts;
  }

  /** Resolves when events flow for the first time, or when the run was cancelled before. Rejects when it failed before. */
  get started(): Promise<void> {
    return this.#begun.promise;
  }

  /**
   * Resolves with the last report when the job has ended: by itself, after `drain()`, `stop()` or `cancel()` (see its
   * `status`).
   * Rejects with the error of the job, or with ERR_JOB_PROCESS_RESTARTS_SPENT when its process died too often.
   */
  get completed(): Promise<SupervisedReport> {
    return this.#completed.promise;
  }

  /** @internal What can be known of the graph. */
  get described(): Promise<DescribedJob> {
    return this.#described.promise;
  }

  /** @internal Whether the job failed before anything was started. */
  get failureStage(): FailureStage {
    return this.#failureStage;
  }

  /** Sources stop reading, everything in flight is finished, then the job ends. Resolves when it has. */
  drain(): Promise<SupervisedReport> {
    this.#endBy("drain");
    return this.completed;
  }

  /**
   * Takes a last checkpoint and ends the job behind it, as `stop` of a run; started again with the same storage it goes on. A
   * process that dies meanwhile is not replaced: what is complete is there already. Resolves when the process has ended, with
   * the report of a job that has completed when it did before.
   */
  stop(): Promise<SupervisedReport> {
    this.#endBy("stop");
    if (this.#process === undefined && this.#wish === "stop" && !this.#isEnded()) this.#end("stopped", undefined);
    return this.completed;
  }

  /** Ends the job at once, and its process; the last checkpoint stays. Resolves when the process has ended. */
  async cancel(): Promise<void> {
    if (this.#wish !== "cancel") {
      this.#wish = "cancel";
      const process = this.#process;
      if (process === undefined) {
        if (!this.#isEnded()) this.#end("cancelled", undefined);
      } else {
        process.send({ kind: "cancel" });
        this.#cancelTimer = this.#settings.clock.after(cancelLimitMs, () =>
          process.kill(`it had not ended ${cancelLimitMs} ms after it was told to`),
        );
      }
    }
    await this.completed.catch(() => undefined);
  }

  /** What the process that runs now has done so far; waits for the next one between two. Rejects when the run has failed. */
  report(): Promise<SupervisedReport> {
    if (this.#isEnded()) return this.completed;
    return this.#questions.report(this.#isUp()).then((report) => this.#whole(report));
  }

  /**
   * Asks one instance of an operator, and resolves to its answer. Rejects with what it refused it with, with
   * ERR_RT_ASK_TIMEOUT, or with ERR_JOB_PROCESS_ACCESS when no process is there to ask, or it died meanwhile.
   */
  async ask<Message = unknown, Reply = unknown>(
    operator: string,
    instance: number,
    message: Message,
    options: AskOptions,
  ): Promise<Reply> {
    const timeoutMs = durationMs(options.timeout, "timeout");
    if (!this.#isUp()) throw this.#unreachable("no process runs it now");
    if (this.#questions.askCount >= processAsksMax) {
      throw this.#unreachable(`${processAsksMax} asks wait for its answers, the most allowed`);
    }
    return (await this.#questions.ask({ kind: "ask", operator, instance, message, timeoutMs })) as Reply;
  }

  /**
   * What the `collect` sink of that name has collected, when the job has ended: since its first run with this storage,
   * whatever happened to its processes. Throws ERR_JOB_PROCESS_ACCESS before.
   */
  collected<T = unknown>(sink: string): readonly T[] {
    if (!this.#isEnded() || this.#status === "failed") {
      throw this.#unreachable(`what ${JSON.stringify(sink)} has collected can be had when it has ended`);
    }
    return this.#collected.of(sink, this.#description) as readonly T[];
  }

  /**
   * Calls `subscriber` for each fact of that kind from now on, until the returned function is called: `process-begun` and
   * `process-lost`, and those of its actor system about failures.
   */
  on<Kind extends ProcessFactKind>(kind: Kind, subscriber: (fact: ProcessFactOf<Kind>) => void): Unsubscribe {
    return this.#facts.on(kind, subscriber);
  }

  /** Cancels the run if it has not ended. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel();
  }

  #endBy(wish: "drain" | "stop"): void {
    if (this.#wish !== "run") return;
    this.#wish = wish;
    if (this.#status === "running") this.#status = endings[wish];
    this.#process?.send({ kind: wish });
  }

  #start(): void {
    this.#collected = new CollectedEvents();
    this.#process = this.#standby.take() ?? this.#launch(false);
    this.#process.go();
    if (this.#wish === "drain") this.#process.send({ kind: this.#wish });
  }

  #launch(standsBy: boolean): RunProcess {
    const { launcher, clock, module, order, hangLimitMs, writeErrorText } = this.#settings;
    const process: RunProcess = new RunProcess(
      { launcher, clock, module, order, hangLimitMs, standsBy },
      {
        onMessage: (message) => {
          if (process === this.#process) this.#onMessage(message);
          else if (message.kind === "stands-by" && this.#standby.is(process)) this.#onStandby(process);
        },
        onErrorText: writeErrorText,
        onEnd: (end) => {
          if (process === this.#process) this.#onEnd(end);
          else if (this.#standby.is(process)) this.#standby.onEnd();
        },
      },
    );
    return process;
  }

  #onMessage(message: ProcessMessage): void {
    switch (message.kind) {
      case "ready":
      case "stands-by":
      case "alive":
        return;
      case "described":
        this.#job = message.job.name;
        this.#description = message.job;
        return this.#described.resolve(message.job);
      case "begun":
        return this.#onBegun();
      case "answer":
        return this.#questions.onAnswer(message.id, message.value);
      case "refusal":
        return this.#questions.onRefusal(message.id, message.error);
      case "fact":
        return this.#facts.publish(message.fact);
      case "collected":
        return this.#collected.add(message.sink, message.events);
      case "ended":
        this.#lastReport = message.report;
        return;
      case "failed":
        this.#failureStage = message.stage;
        return;
    }
  }

  #onBegun(): void {
    this.#status = this.#wish === "drain" || this.#wish === "stop" ? endings[this.#wish] : "running";
    this.#begun.resolve();
    this.#facts.publish({ kind: "process-begun", pid: this.pid ?? 0, restarts: this.#restarts });
    this.#questions.onProcessBegun();
    if (this.#settings.standby) this.#standby.want(this.#restarts);
  }

  #onStandby({ pid }: RunProcess): void {
    this.#facts.publish({ kind: "process-stands-by", pid: pid ?? 0 });
  }

  #onEnd(end: ProcessEnd): void {
    const process = this.#process as RunProcess;
    const { clock, random } = this.#settings;
    this.#process = undefined;
    this.#cancelTimer();
    this.#questions.onProcessEnded(this.#unreachable("its process has ended"));
    const { lastWord } = process;
    const decision = this.#supervision.onEnd(lastWord, this.#wish === "cancel", clock.monotonicMs(), random.next());
    switch (decision.kind) {
      case "done":
        return this.#end(endedAs(this.#lastReport), undefined);
      case "cancelled":
        return this.#end("cancelled", undefined);
      case "fail":
        return this.#end("failed", fromWire(decision.error));
      case "restart":
      case "give-up":
        return this.#onDeath(process, end, decision);
    }
  }

  #onDeath(process: RunProcess, end: ProcessEnd, decision: ProcessDecision): void {
    const { policy, clock, storage, storedEpoch } = this.#settings;
    const { pid, errorText, killReason, lastWord } = process;
    const error = new ProcessDiedError(
      { job: this.#job, pid, end, errorText, reason: killReason, checkpointEpoch: storedEpoch(this.#job), storage },
      lastWord.kind === "failed" ? fromWire(lastWord.error) : undefined,
    );
    const isStopped = this.#wish === "stop";
    const restartInMs = decision.kind === "restart" && !isStopped ? decision.delayMs : undefined;
    if (restartInMs !== undefined) {
      this.#status = "restarting";
      this.#restarts += 1;
      const restart = () => this.#start();
      if (restartInMs > 0) this.#cancelTimer = clock.after(restartInMs, restart);
      else restart();
    }
    const fact: ProcessFact = { kind: "process-lost", pid, error, restartInMs };
    this.#facts.publish(fact);
    if (restartInMs !== undefined) return;
    if (isStopped) this.#end("stopped", undefined);
    else this.#end("failed", new ProcessRestartsSpentError(error, policy.restartsMax, policy.restartsWithinMs));
  }

  #end(status: SupervisedEnd, error: Error | undefined): void {
    this.#cancelTimer();
    this.#standby.end();
    this.#status = status;
    const report = this.#whole(this.#lastReport ?? emptyReport(this.#job, status));
    this.#begun[error === undefined ? "resolve" : "reject"](error as never);
    this.#described.reject(error ?? this.#unreachable("it was cancelled"));
    this.#questions.onRunEnded(report, error);
    if (error === undefined) this.#completed.resolve(report);
    else this.#completed.reject(error);
  }

  #whole(report: RunReport): SupervisedReport {
    const elapsedMs = this.#settings.clock.monotonicMs() - this.#startMs;
    return { ...report, elapsedMs, processElapsedMs: report.elapsedMs, processRestarts: this.#restarts };
  }

  #isUp(): boolean {
    return this.#process !== undefined && ["running", "draining", "stopping"].includes(this.#status);
  }

  #isEnded(): boolean {
    return hasEnded(this.#status);
  }

  #unreachable(why: string): ProcessAccessError {
    return new ProcessAccessError(`job ${JSON.stringify(this.#job)} runs in another process: ${why}`, {
      details: { job: this.#job },
    });
  }
}
