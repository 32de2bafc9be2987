/**
 * SimulatedThreads: the thread pool of a simulated world: virtual threads that crash, stand still, slow down and take their
 * time to start, on demand. Like the real pool it has more ready than it gave out.
 */

import type { Logger } from "../seams/logger.ts";
import { type HostThread, type ThreadPool, ThreadsStoppedError } from "../threads/thread-pool.ts";
import { type CreateHost, SimulatedThread } from "./simulated-thread.ts";
import type { Lane, SimulatedWorld } from "./simulated-world.ts";

export class SimulatedThreads implements ThreadPool {
  readonly #world: SimulatedWorld;
  readonly #createHost: CreateHost;
  readonly #logger: Logger;
  readonly #news: Lane;
  readonly #threads: SimulatedThread[] = [];
  /** When each of those that are not given out is ready. */
  readonly #readyMs: number[];
  #stopped = false;

  constructor(world: SimulatedWorld, hostCount: number, createHost: CreateHost, logger: Logger) {
    this.#world = world;
    this.#createHost = createHost;
    this.#logger = logger;
    this.#readyMs = Array.from({ length: hostCount + 1 }, () => world.nowMs);
    this.#news = world.createLane("host 0 < threads", world.main);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  acquire(): Promise<HostThread> {
    const { promise, resolve, reject } = Promise.withResolvers<HostThread>();
    const { nowMs, random } = this.#world;
    const waitMs = Math.max(0, (this.#readyMs.shift() ?? nowMs) - nowMs);
    this.#readyMs.push(nowMs + startMsMin + random.below(startMsMax - startMsMin));
    this.#world.post(
      this.#news,
      "a thread is ready",
      () => {
        if (this.#stopped) return reject(new ThreadsStoppedError("the threads were stopped"));
        const thread = new SimulatedThread(this.#world, this.#threads.length + 1, this.#createHost, this.#logger);
        this.#threads.push(thread);
        resolve(thread);
      },
      waitMs,
    );
    return promise;
  }

  preload(): void {}

  refill(): void {}

  /** Virtual threads load nothing. */
  onStandsBy(): void {}

  stop(): Promise<void> {
    this.#stopped = true;
    for (const thread of this.#threads) thread.die(new ThreadsStoppedError("the threads were stopped"));
    return Promise.resolve();
  }

  /** The thread that runs a host now; undefined while it is being replaced. */
  threadOf(host: number): SimulatedThread | undefined {
    return this.#threads.findLast((thread) => thread.hostNumber === host && thread.isRunning);
  }
}

/** A thread runs its first line so many ms after it was asked for; measured on real ones: 70 to 120. */
const startMsMin = 70;
const startMsMax = 120;
