/**
 * Seam: the worker threads. A pool keeps one ready thread more than it has given out, so that a dead one is replaced in
 * milliseconds. The real binding is piscina-thread-pool.ts; the simulation binds threads that crash and hang on demand.
 */

import { MillraceError } from "../errors/millrace-error.ts";
import type { HostSettings } from "../host/host.ts";
import type { Clock } from "../seams/clock.ts";
import type { Port } from "../seams/transport.ts";

export interface ThreadPool {
  /** Resolves when as many threads as hosts are ready. Throws ERR_RT_THREAD_START. */
  start(): Promise<void>;
  /**
   * A ready thread: the spare one at once, otherwise the next that gets ready. Throws ERR_RT_THREAD_START when threads
   * cannot be started, ERR_RT_THREADS_STOPPED when the pool is stopped.
   */
  acquire(): Promise<HostThread>;
  /**
   * Lets all threads, the spare one and those to come included, load modules that a host will need, so that what lives
   * there, or lived on a dead thread, starts without waiting for them. A module that cannot be loaded is none of their business.
   *
   * @param rehearsal the module of a `Rehearsal`, for threads that wait as spares; the last one given counts
   * @param isAhead whether nothing is to run for a while: then all threads rehearse, and at once
   */
  preload(modules: readonly string[], rehearsal?: string, isAhead?: boolean): void;
  /**
   * What lived on a thread that died has recovered: the spare that took over may be replaced now. Without this it is after
   * `refillDelayMs`, or as soon as a thread is wanted: a thread that starts takes a core for a while.
   */
  refill(): void;
  /** Calls `listener` with the id of each thread that waits as a spare and has loaded and rehearsed all that it was told to. */
  onStandsBy(listener: (threadId: number) => void): void;
  /** Ends every thread, whatever it does; resolves when they have ended. */
  stop(): Promise<void>;
}

/**
 * The export `rehearse` of a module: lets what a host runs run once, so that it is not slow when it counts. It returns soon after the
 * thread is wanted, and leaves nothing behind.
 */
export type Rehearsal = (clock: Clock, isWanted: () => boolean) => Promise<unknown>;

/** A thread that runs one host, from its adoption to its end. */
export interface HostThread {
  readonly threadId: number;
  /** Shared memory with the elements of `progressField` (thread-protocol.ts). */
  readonly progress: Int32Array;
  /** Makes the thread run a host, linked to its peers. Called once. The ports move to the thread. */
  adopt(settings: HostSettings, links: readonly PeerLink[]): void;
  /** Links the host to a peer that was started or replaced. The port moves to the thread. */
  join(peer: number, incarnation: number, port: Port): void;
  /** Lets the host stop its cells and flush; resolves when the thread has ended, also when it died meanwhile. */
  stop(): Promise<void>;
  /** Ends a thread that hangs or is lost, at once for everybody else, though native code may run on for a while. */
  kill(reason: MillraceError): void;
  /** Calls `listener` once when the thread dies, which a thread that was asked to stop and did so does not. */
  onDeath(listener: (error: MillraceError) => void): void;
}

export interface PeerLink {
  readonly peer: number;
  readonly incarnation: number;
  readonly port: Port;
}

/** The threads were stopped, or never started. */
export class ThreadsStoppedError extends MillraceError {
  readonly code = "ERR_RT_THREADS_STOPPED";
}
