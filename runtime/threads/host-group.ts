/**
 * HostGroup: the worker hosts of one system, owned by main: starts them, links them, watches them, replaces dead ones.
 *
 * A thin shell around HostSlots (what to do) and Watchdog (who hangs). A started group keeps the process alive until it
 * is stopped.
 *
 * Not here: cells and their supervision (runtime/supervision); what a lost host means for a job.
 */

import { assert } from "../assert.ts";
import { type Duration, durationMs } from "../duration.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import { OptionError, wholeNumber } from "../errors/option-error.ts";
import type { HostSettings } from "../host/host.ts";
import {
  hangLimitMsDefault,
  hangLimitMsMin,
  hostCountMax,
  hostStopLimitMs,
  moduleLoadLimitMs,
  replacementsMax,
  replacementWindowMs,
  watchdogIntervalMs,
} from "../limits.ts";
import type { CancelTimer, Clock } from "../seams/clock.ts";
import type { Logger } from "../seams/logger.ts";
import type { Port, Transport } from "../seams/transport.ts";
import { HostSlots, mainHostNumber, type ReplacementBudget, type SlotAction, type SlotPhase } from "./host-slots.ts";
import { readInHand } from "./in-hand.ts";
import { progressField } from "./progress-field.ts";
import { type HostThread, type ThreadPool, ThreadsStoppedError } from "./thread-pool.ts";
import { unfinishedWork } from "./unfinished-work.ts";
import { type Progress, ThreadHangError, Watchdog } from "./watchdog.ts";

export interface HostGroupOptions {
  /** Worker hosts, 1 to 256; they get the numbers 1 and up. */
  readonly hosts: number;
  /** A host without progress for this long is killed and replaced. Default 5 s, at least 200 ms. */
  readonly hangLimit?: Duration;
  /** Threads that may be replaced within a time. Default 100 within a minute. */
  readonly replacements?: ReplacementBudget;
}

export interface HostGroupSeams {
  readonly pool: ThreadPool;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The host of the calling thread. */
  readonly mainHost: LinkedHost;
  /** What a host is started with. */
  readonly hostSettings: (host: number, incarnation: number) => HostSettings;
  /** The path of an actor on a host, by its number (in-hand.ts). */
  readonly pathOn: (host: number, mark: number) => string | undefined;
}

export interface LinkedHost {
  join(peer: number, incarnation: number, port: Port): void;
  leave(peer: number, incarnation: number): void;
  /** Lets another host leave, before whatever it is told from now on. */
  tellLeft(host: number, peer: number, incarnation: number): void;
}

export interface HostGroupListener {
  /** The host's thread died with everything on it, `unfinishedWork` included; every other host has been told. A new thread is on its way. */
  onLost(host: number, error: MillraceError, unfinishedWork: number): void;
  /** The host runs again on a new thread, empty, linked to all others. */
  onReplaced(host: number, incarnation: number): void;
  /** A spare thread waits that has loaded and rehearsed all that it was told to. */
  onStandsBy(threadId: number): void;
  /** Nothing is replaced any more: ERR_RT_REPLACEMENTS_SPENT or ERR_RT_THREAD_START. The group waits to be stopped. */
  onFailed(error: MillraceError): void;
}

export interface HostStatus {
  readonly host: number;
  readonly phase: SlotPhase;
  /** Of the platform; undefined while the host has no living thread. */
  readonly threadId: number | undefined;
}

/** The thread was ended on purpose, to see what follows. */
class ThreadKilledError extends MillraceError {
  readonly code = "ERR_RT_THREAD_KILLED";
}

/** The host did not stop in time. */
class HostStopTimeoutError extends MillraceError {
  readonly code = "ERR_RT_HOST_STOP_TIMEOUT";
}

export class HostGroup {
  readonly #seams: HostGroupSeams;
  readonly #listener: HostGroupListener;
  readonly #slots: HostSlots;
  readonly #watchdog: Watchdog;
  readonly #threads = new Map<number, HostThread>();
  readonly #actions: SlotAction[] = [];
  readonly #allRunning = Promise.withResolvers<void>();
  readonly #allStopped = Promise.withResolvers<void>();
  #isStarted = false;
  /** Of the thread that died last. */
  #unfinishedWork = 0;
  #cancelTick: CancelTimer | undefined;
  #stopping: Promise<void> | undefined;

  /** Throws ERR_RT_OPTION. */
  constructor(options: HostGroupOptions, seams: HostGroupSeams, listener: HostGroupListener) {
    const hosts = wholeNumber("threads", options.hosts, 1, hostCountMax);
    const limitMs = hangLimitMs(options.hangLimit ?? hangLimitMsDefault);
    this.#seams = seams;
    this.#listener = listener;
    this.#slots = new HostSlots(hosts, options.replacements ?? { replacementsMax, windowMs: replacementWindowMs });
    this.#watchdog = new Watchdog({
      limitMs,
      loadLimitMs: Math.max(limitMs, moduleLoadLimitMs),
      tickMs: watchdogIntervalMs,
    });
    seams.pool.onStandsBy((threadId) => listener.onStandsBy(threadId));
    // Nobody may be waiting when a group is stopped before its start has finished.
    this.#allRunning.promise.catch(() => {});
  }

  /** Lets threads load modules that the hosts need, the spare one too, so that nothing waits for them later. */
  preload(modules: readonly string[], rehearsal?: string, isAhead?: boolean): void {
    this.#seams.pool.preload(modules, rehearsal, isAhead);
  }

  /** What lived on a lost thread has recovered: the spare that took over may be replaced now. */
  refill(): void {
    this.#seams.pool.refill();
  }

  /** Resolves when every host runs. Throws ERR_RT_THREAD_START, or ERR_RT_THREADS_STOPPED when stopped meanwhile. */
  async start(): Promise<void> {
    try {
      await this.#seams.pool.start();
      this.#perform(this.#slots.start());
      this.#tick();
      await this.#allRunning.promise;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Lets every host stop its cells and flush, kills those that take too long, and ends the threads. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Ends the thread of a host, as a fault would. Returns false when the host has no living thread. */
  kill(host: number): boolean {
    const thread = this.#threads.get(host);
    thread?.kill(new ThreadKilledError(`the thread of host ${host} was killed on purpose`, { details: { host } }));
    return thread !== undefined;
  }

  /** The platform's ids of the living threads, in the order of their hosts. */
  threadIds(): readonly number[] {
    return this.status().flatMap(({ threadId }) => (threadId === undefined ? [] : [threadId]));
  }

  /** Of the living threads, in memory that they share. */
  progress(): readonly Int32Array[] {
    return [...this.#threads.values()].map(({ progress }) => progress);
  }

  status(): readonly HostStatus[] {
    return [...this.#slots.phases].map(([host, phase]) => ({
      host,
      phase,
      threadId: this.#threads.get(host)?.threadId,
    }));
  }

  async #stop(): Promise<void> {
    this.#cancelTick?.();
    const cancelLimit = this.#seams.clock.after(hostStopLimitMs, () => this.#killStopping());
    this.#perform(this.#slots.stop());
    await this.#allStopped.promise;
    cancelLimit();
    await this.#seams.pool.stop();
    this.#allRunning.reject(new ThreadsStoppedError("the hosts were stopped before all of them had started"));
  }

  /** Actions are carried out in the order they were decided, also when carrying one out decides others. */
  #perform(actions: readonly SlotAction[]): void {
    this.#actions.push(...actions);
    for (let action = this.#actions.shift(); action !== undefined; action = this.#actions.shift()) this.#do(action);
  }

  #do(action: SlotAction): void {
    switch (action.kind) {
      case "acquire":
        return this.#acquire(action.host);
      case "adopt":
        return this.#adopt(action.host, action.incarnation, action.peers);
      case "leave":
        return this.#leave(action.host, action.peer, action.incarnation);
      case "lost":
        this.#seams.logger.log("warn", `host lost: ${action.error.message}`, {
          host: action.host,
          code: action.error.code,
        });
        return this.#listener.onLost(action.host, action.error, this.#unfinishedWork);
      case "replaced":
        this.#seams.logger.log("info", "host replaced", { host: action.host, incarnation: action.incarnation });
        return this.#listener.onReplaced(action.host, action.incarnation);
      case "all-running":
        this.#isStarted = true;
        return this.#allRunning.resolve();
      case "failed":
        if (this.#isStarted) return this.#listener.onFailed(action.error);
        return this.#allRunning.reject(action.error);
      case "stop":
        return this.#stopThread(action.host);
      case "all-stopped":
        return this.#allStopped.resolve();
    }
  }

  #acquire(host: number): void {
    this.#seams.pool.acquire().then(
      (thread) => {
        const actions = this.#slots.onAcquired(host);
        if (actions.length === 0) return;
        this.#threads.set(host, thread);
        this.#perform(actions);
      },
      (error: MillraceError) => this.#perform(this.#slots.onAcquireFailed(host, error)),
    );
  }

  #adopt(host: number, incarnation: number, peers: readonly number[]): void {
    const thread = this.#threads.get(host);
    assert(thread !== undefined, "a host is adopted by a thread");
    const links = peers.map((peer) => ({ peer, ...this.#seams.transport.createLink() }));
    thread.adopt(
      this.#seams.hostSettings(host, incarnation),
      links.map(({ peer, left }) => ({ peer, incarnation: this.#incarnationOf(peer), port: left })),
    );
    for (const { peer, right } of links) this.#join(peer, host, incarnation, right);
    this.#watchdog.watch(host, Atomics.load(thread.progress, progressField.counter));
    thread.onDeath((error) => this.#onDeath(host, error));
  }

  #stopThread(host: number): void {
    // Without a thread the host died between the decision and now, which has been told already.
    void this.#threads
      .get(host)
      ?.stop()
      .then(() => {
        this.#threads.delete(host);
        this.#perform(this.#slots.onStopped(host));
      });
  }

  #join(host: number, peer: number, incarnation: number, port: Port): void {
    const joined = host === mainHostNumber ? this.#seams.mainHost : this.#threads.get(host);
    joined?.join(peer, incarnation, port);
  }

  /** On the link of main: what main says next may be about the replacement, and a message beside the links could come later. */
  #leave(host: number, peer: number, incarnation: number): void {
    const { mainHost } = this.#seams;
    if (host === mainHostNumber) mainHost.leave(peer, incarnation);
    else mainHost.tellLeft(host, peer, incarnation);
  }

  /** Of a host that runs. Main is never replaced. */
  #incarnationOf(host: number): number {
    const phase = this.#slots.phases.get(host);
    return phase?.kind === "running" ? phase.incarnation : 0;
  }

  #onDeath(host: number, error: MillraceError): void {
    const progress = this.#threads.get(host)?.progress;
    this.#unfinishedWork = progress === undefined ? 0 : unfinishedWork([progress]);
    this.#threads.delete(host);
    this.#watchdog.unwatch(host);
    this.#perform(this.#slots.onDied(host, error, this.#seams.clock.monotonicMs()));
  }

  #tick(): void {
    if (this.#stopping !== undefined) return;
    const hangs = this.#watchdog.tick(this.#seams.clock.monotonicMs(), (host) => this.#progressOf(host));
    for (const { host, silentMs } of hangs) {
      const thread = this.#threads.get(host);
      const inHand = thread && readInHand(thread.progress, (mark) => this.#seams.pathOn(host, mark));
      thread?.kill(new ThreadHangError(host, silentMs, this.#watchdog.limitMs, inHand));
    }
    this.#cancelTick = this.#seams.clock.after(watchdogIntervalMs, () => this.#tick());
  }

  #progressOf(host: number): Progress {
    const progress = this.#threads.get(host)?.progress;
    assert(progress !== undefined, "a watched host has a thread");
    return {
      counter: Atomics.load(progress, progressField.counter),
      isExcused: Atomics.load(progress, progressField.isCollecting) !== 0,
      isLoading: Atomics.load(progress, progressField.loadingModules) !== 0,
    };
  }

  #killStopping(): void {
    for (const [host, { kind }] of this.#slots.phases) {
      if (kind !== "stopping") continue;
      const text = `host ${host} had not stopped after ${hostStopLimitMs} ms`;
      this.#threads.get(host)?.kill(new HostStopTimeoutError(text, { details: { host } }));
    }
  }
}

function hangLimitMs(value: Duration): number {
  const limitMs = durationMs(value, "hangLimit");
  if (limitMs < hangLimitMsMin)
    throw new OptionError("hangLimit", value, `a duration of at least ${hangLimitMsMin} ms`);
  return limitMs;
}
