/**
 * PiscinaThreadPool: binds the seam `ThreadPool` to piscina: one never-ending task per thread, as many as hosts, and
 * spares.
 *
 * Each thread is a piscina of its own, of one worker and one task. In a common one, a thread that dies while it is
 * loading leaves its task in the queue for ever, after which piscina never refills again; and where a thread cannot be
 * created, its refill throws out of an event listener and takes the process with it. So piscina never refills here: the
 * fill is looked at after every end.
 *
 * Invariants
 *  F1  while the pool runs and nobody gave up, starting, spare and given-out threads are as many as hosts and the spares that
 *      SparePlan wants, or are about to be.
 *  F2  a task goes to its thread at once, never into a queue.
 *  F3  whoever waits for a thread gets one, or an error: an attempt to start ends after a time limit, and after some
 *      failed attempts in a row everybody who waits gets the last error.
 *
 * Not here: one thread and its control port (piscina-thread.ts), which host gets which thread (host-slots.ts), how many spares
 * there are and when they are started (spare-plan.ts).
 */

import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { assert } from "../assert.ts";
import type { MillraceError } from "../errors/millrace-error.ts";
import { wholeNumber } from "../errors/option-error.ts";
import {
  hostCountMax,
  hostStopLimitMs,
  refillDelayMs,
  rehearsalDelayMs,
  sparesAfterDeathMs,
  threadStartAttemptsMax,
  threadStartBackoffMs,
  threadStartLimitMs,
} from "../limits.ts";
import { moduleBeside } from "../module-beside.ts";
import type { CancelTimer, Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import { heapLimitOverride } from "./heap-guard.ts";
import { type MemoryLimits, memoryLimits } from "./memory-limits.ts";
import { PiscinaThread, type RunTask, type ThreadEnd, ThreadStartError } from "./piscina-thread.ts";
import { type NextThread, SparePlan } from "./spare-plan.ts";
import { type HostThread, type ThreadPool, ThreadsStoppedError } from "./thread-pool.ts";

export interface ThreadPoolOptions {
  /** Threads wanted at the same time; more are kept as spares. 1 to 256. */
  readonly hosts: number;
  /** Old-space limit of each thread in MB, 64 and up; live data may take 40 % of it. Default 1024. */
  readonly heapLimitMb?: number;
  /** What each thread may hold outside of its heap, in MB, 64 and up. Default: half of the memory of the machine. */
  readonly externalLimitMb?: number;
  /** The module whose export `hostThread` is the task. Default: the one that runs a host. */
  readonly taskModule?: URL;
}

export interface ThreadPoolSeams {
  readonly clock: Clock;
  readonly logger: Logger;
}

type State = "new" | "running" | "stopped";

/** Whether a failed start is going to be repeated; given up lasts until somebody asks for a thread. */
type Retry =
  | { readonly kind: "none" }
  | { readonly kind: "waiting"; readonly cancel: CancelTimer }
  | { readonly kind: "given-up" };

export class PiscinaThreadPool implements ThreadPool {
  readonly #hosts: number;
  readonly #limits: MemoryLimits;
  readonly #taskFile: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #threads = new Set<PiscinaThread>();
  readonly #spares: PiscinaThread[] = [];
  /** Modules that a thread loads when it is ready. */
  readonly #preloaded = new Set<string>();
  #rehearsal: string | undefined;
  /** Whether nothing is to run for a while. */
  #isAhead = false;
  readonly #waiting: PromiseWithResolvers<HostThread>[] = [];
  readonly #startDeadlines = new Map<PiscinaThread, CancelTimer>();
  /** Threads of the platform that have not ended, the killed ones included. */
  readonly #workers = new Map<Worker, Promise<void>>();
  #state: State = "new";
  #starting: PromiseWithResolvers<void> | undefined;
  #failuresInARow = 0;
  #stopping: Promise<void> | undefined;
  #retry: Retry = { kind: "none" };
  readonly #plan: SparePlan;
  readonly #standbyListeners: ((threadId: number) => void)[] = [];
  /** Set while a spare is missing that is not started yet. */
  #cancelOverdue: CancelTimer | undefined;
  #cancelCalm: CancelTimer | undefined;

  /** Throws ERR_RT_OPTION. */
  constructor(options: ThreadPoolOptions, seams: ThreadPoolSeams) {
    this.#hosts = wholeNumber("threads", options.hosts, 1, hostCountMax);
    this.#plan = new SparePlan(this.#hosts);
    this.#limits = memoryLimits(options);
    this.#taskFile = fileURLToPath(options.taskModule ?? hostTaskModule);
    this.#clock = seams.clock;
    this.#logger = seams.logger;
  }

  async start(): Promise<void> {
    if (this.#state === "stopped") throw stoppedError();
    assert(this.#state === "new", "a thread pool is started once");
    this.#warnOfOverride();
    this.#state = "running";
    this.#starting = Promise.withResolvers();
    this.#fill();
    try {
      await this.#starting.promise;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async acquire(): Promise<HostThread> {
    if (this.#state !== "running") throw stoppedError();
    const spare = this.#takeSpare();
    if (spare !== undefined) return spare;
    const waiting = Promise.withResolvers<HostThread>();
    this.#waiting.push(waiting);
    if (this.#retry.kind === "given-up") this.#retry = { kind: "none" };
    this.#fill();
    return waiting.promise;
  }

  preload(modules: readonly string[], rehearsal?: string, isAhead = false): void {
    this.#rehearsal = rehearsal ?? this.#rehearsal;
    this.#isAhead = isAhead;
    const fresh = modules.filter((module) => !this.#preloaded.has(module));
    for (const module of fresh) this.#preloaded.add(module);
    for (const thread of this.#threads) thread.preload(fresh, this.#rehearsal, rehearsalDelayMs, isAhead);
  }

  refill(): void {
    this.#plan.recovered();
    this.#fill();
  }

  onStandsBy(listener: (threadId: number) => void): void {
    this.#standbyListeners.push(listener);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#state = "stopped";
    if (this.#retry.kind === "waiting") this.#retry.cancel();
    this.#cancelOverdue?.();
    this.#cancelCalm?.();
    this.#rejectWaiting(stoppedError());
    for (const thread of [...this.#threads]) thread.kill(stoppedError());
    for (const worker of this.#workers.keys()) void worker.terminate();
    const limit = Promise.withResolvers<void>();
    const cancelLimit = this.#clock.after(hostStopLimitMs, () => {
      this.#logger.log("warn", "worker threads still run native code and are left behind", { hostStopLimitMs });
      limit.resolve();
    });
    await Promise.race([Promise.all(this.#workers.values()), limit.promise]);
    cancelLimit();
  }

  /** F1: starts what is missing. */
  #fill(isOverdue = false): void {
    for (let isFirst = true; this.#state === "running" && this.#retry.kind === "none"; isFirst = false) {
      const next = this.#nextThread(isOverdue && isFirst);
      if (next !== "start") return this.#expectSpare(next === "wait");
      this.#startThread();
    }
  }

  #nextThread(isOverdue: boolean): NextThread {
    const starting = this.#startDeadlines.size;
    const prepared = [...this.#threads].filter(({ isPrepared }) => isPrepared).length;
    const all = this.#threads.size;
    const counts = { all, starting, preparing: all - starting - prepared, waiting: this.#waiting.length };
    return this.#plan.next(counts, this.#clock.monotonicMs(), isOverdue);
  }

  #expectSpare(isMissing: boolean): void {
    if (isMissing) {
      this.#cancelOverdue ??= this.#clock.after(refillDelayMs, () => {
        this.#cancelOverdue = undefined;
        this.#fill(true);
      });
    } else {
      this.#cancelOverdue?.();
      this.#cancelOverdue = undefined;
    }
  }

  /** One that has nothing left to load, if there is one. */
  #takeSpare(): PiscinaThread | undefined {
    const preparedIndex = this.#spares.findIndex(({ isPrepared }) => isPrepared);
    return this.#spares.splice(Math.max(0, preparedIndex), 1)[0];
  }

  #startThread(): void {
    const run: RunTask = (task, transferList, signal) => {
      const piscina = this.#createPiscina();
      for (const worker of piscina.threads)
        this.#workers.set(
          worker,
          this.#exitOf(worker, (code) => thread.onExit(code)),
        );
      return piscina.run(task, { transferList: transferList as TransferList, signal });
    };
    const listener = {
      onReady: this.#onReady.bind(this),
      onPrepared: this.#onPrepared.bind(this),
      onEnd: this.#onEnd.bind(this),
    };
    const thread = new PiscinaThread(run, this.#limits, listener, this.#logger);
    this.#threads.add(thread);
    this.#startDeadlines.set(
      thread,
      this.#clock.after(threadStartLimitMs, () =>
        thread.kill(new ThreadStartError(`a worker thread was not ready after ${threadStartLimitMs} ms`)),
      ),
    );
  }

  #exitOf(worker: Worker, onExit: (exitCode: number) => void): Promise<void> {
    return new Promise((resolve) => {
      worker.once("exit", (exitCode) => {
        this.#workers.delete(worker);
        onExit(exitCode);
        resolve();
      });
    });
  }

  /** A piscina with one worker, which it takes for ready at once, so that the first task is given to it directly. */
  #createPiscina(): Piscina {
    const piscina = new Piscina({
      filename: this.#taskFile,
      name: "hostThread",
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      // In the other modes an idle thread sleeps and serves neither ports nor timers.
      atomics: "disabled",
      // What the process was started with (test runners, inspectors) is not meant for these threads.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapLimitMb },
      recordTiming: false,
    });
    piscina.options.minThreads = 0;
    // Without a listener an error of a thread that has no task any more would be thrown on main.
    piscina.on("error", (error: unknown) => {
      this.#logger.log("debug", "a worker thread that had ended already failed", { error: String(error) });
    });
    return piscina;
  }

  #onReady(thread: PiscinaThread): void {
    this.#cancelStartDeadline(thread);
    this.#failuresInARow = 0;
    // What has just started needs the cores more; the place of one that died is taken when that is over.
    const delayMs = this.#plan.hasLost || this.#isAhead ? 0 : rehearsalDelayMs;
    thread.preload([...this.#preloaded], this.#rehearsal, delayMs, this.#isAhead);
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve(thread);
    else this.#spares.push(thread);
    if (this.#spares.length >= this.#hosts) this.#starting?.resolve();
    if (thread.isPrepared) this.#onPrepared(thread);
  }

  #onPrepared(thread: PiscinaThread): void {
    const isSpare = this.#threads.size > this.#hosts && this.#spares.includes(thread);
    if (isSpare) for (const listener of this.#standbyListeners) listener(thread.threadId);
    this.#fill();
  }

  #onEnd(thread: PiscinaThread, end: ThreadEnd): void {
    this.#cancelStartDeadline(thread);
    this.#threads.delete(thread);
    const spareIndex = this.#spares.indexOf(thread);
    if (spareIndex >= 0) this.#spares.splice(spareIndex, 1);
    if (this.#state !== "running") return;
    switch (end.kind) {
      case "stopped":
        return;
      case "died":
        if (end.error instanceof ThreadsStoppedError) return;
        this.#plan.died(this.#clock.monotonicMs());
        this.#cancelCalm?.();
        this.#cancelCalm = this.#clock.after(sparesAfterDeathMs, () => this.#endSurplus());
        return this.#clock.soon(() => this.#fill());
      case "failed-to-start":
        return this.#retryLater(end.error);
    }
  }

  #endSurplus(): void {
    const count = this.#spares.length - this.#plan.spares(this.#clock.monotonicMs());
    for (const spare of this.#spares.splice(0, Math.max(0, count))) spare.kill(surplusError());
  }

  /** F3. Threads that were started together and fail together are one failed attempt. */
  #retryLater(error: ThreadStartError): void {
    if (this.#retry.kind !== "none") return;
    this.#failuresInARow += 1;
    this.#logger.log("warn", error.message, { failuresInARow: this.#failuresInARow, threadStartAttemptsMax });
    if (this.#failuresInARow >= threadStartAttemptsMax) {
      this.#failuresInARow = 0;
      this.#retry = { kind: "given-up" };
      return this.#rejectWaiting(error);
    }
    const cancel = this.#clock.after(threadStartBackoffMs * 2 ** (this.#failuresInARow - 1), () => {
      this.#retry = { kind: "none" };
      this.#fill();
    });
    this.#retry = { kind: "waiting", cancel };
  }

  #rejectWaiting(error: MillraceError): void {
    this.#starting?.reject(error);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  #cancelStartDeadline(thread: PiscinaThread): void {
    this.#startDeadlines.get(thread)?.();
    this.#startDeadlines.delete(thread);
  }

  #warnOfOverride(): void {
    const flag = heapLimitOverride(process.execArgv, process.env.NODE_OPTIONS);
    if (flag === undefined) return;
    this.#logger.log("warn", "a flag of the process overrules the heap limit of every worker thread", {
      flag,
      heapLimitMb: this.#limits.heapLimitMb,
    });
  }
}

type TransferList = NonNullable<NonNullable<Parameters<Piscina["run"]>[1]>["transferList"]>;

const hostTaskModule = moduleBeside(import.meta.url, "thread-main");

function surplusError(): ThreadsStoppedError {
  return new ThreadsStoppedError("no thread has died for a while, and one spare is enough");
}

function stoppedError(): ThreadsStoppedError {
  return new ThreadsStoppedError("the worker threads are stopped; start a new system");
}
