/**
 * HostThreadService: a worker thread's side of the control port. Reports ready, runs one host when told to, and says
 * what it dies of before it dies.
 *
 * Invariants
 *  H1  whatever reaches the top of the thread uncaught (thrown or rejected, null and unclonable values too) ends the
 *      thread, after it was posted to main as a wire error. Nothing is swallowed.
 *  H2  the thread raises its progress counter even when it has nothing to do.
 *
 * Not here: which host is run (thread-main.ts), main's side (piscina-thread.ts).
 */

import { threadId } from "node:worker_threads";
import { assert } from "../assert.ts";
import { toWire } from "../errors/wire-error.ts";
import type { HostSeams, HostSettings } from "../host/host.ts";
import { heartbeatIntervalMs } from "../limits.ts";
import { SystemClock } from "../seams/clock.ts";
import { SystemRandom } from "../seams/random.ts";
import type { Port } from "../seams/transport.ts";
import { ExternalGuard } from "./external-guard.ts";
import { HeapGuard, ThreadHeap } from "./heap-guard.ts";
import { MessagePortEnd } from "./message-port-transport.ts";
import { progressField } from "./progress-field.ts";
import { ThreadLogger } from "./thread-logger.ts";
import type { Rehearsal } from "./thread-pool.ts";
import {
  type FailureOrigin,
  type FromThread,
  type LastWords,
  type ThreadTask,
  type ToThread,
  taskStopped,
} from "./thread-protocol.ts";

type PreloadMessage = Extract<ToThread, { kind: "preload" }>;

/** What a thread needs of a host. */
export interface ServedHost {
  /** Whether nothing lives there. */
  readonly isIdle: boolean;
  join(peer: number, incarnation: number, port: Port): void;
  stop(): Promise<void>;
}

/** Serves one host until main asks the thread to stop; resolves then, with what the task has to return. */
export function serveHost(
  task: ThreadTask,
  createHost: (settings: HostSettings, seams: HostSeams) => ServedHost,
): Promise<typeof taskStopped> {
  const { control, progress, heapLimitMb, externalLimitMb } = task;
  const clock = new SystemClock();
  const heap = new AnnouncingHeap(progress);
  const heapGuard = new HeapGuard(heapLimitMb, heap);
  const externalGuard = new ExternalGuard(externalLimitMb, heap);
  const stopped = Promise.withResolvers<typeof taskStopped>();
  let host: ServedHost | undefined;
  let hasRehearsed = false;
  let stopHeartbeat = () => {};

  process.on("uncaughtException", onUncaughtException);
  process.on("unhandledRejection", onUnhandledRejection);
  process.on("exit", onExit);
  control.on("message", onMessage);
  beat();
  post({ kind: "ready", threadId });
  return stopped.promise;

  function onMessage(message: ToThread): void {
    switch (message.kind) {
      case "adopt":
        assert(host === undefined, "a thread runs one host");
        host = createHost(message.settings, seams());
        for (const { peer, incarnation, port } of message.links) host.join(peer, incarnation, new MessagePortEnd(port));
        return;
      case "join":
        return host?.join(message.peer, message.incarnation, new MessagePortEnd(message.port));
      case "preload":
        return void prepare(message);
      case "stop":
        void Promise.resolve(host?.stop()).then(end, (error: unknown) => fail("failed stop", error));
        return;
    }
  }

  function seams(): HostSeams {
    return { clock, random: new SystemRandom(), logger: new ThreadLogger(control), progress, checkHealth, onLoading };
  }

  function onLoading(modules: 1 | -1): void {
    Atomics.add(progress, progressField.loadingModules, modules);
  }

  async function prepare({ modules, rehearsal, rehearsalDelayMs, isAhead }: PreloadMessage): Promise<void> {
    const isWanted = () => host !== undefined && !(isAhead && host.isIdle);
    await Promise.all(modules.map(preload));
    if (rehearsal !== undefined && !hasRehearsed) {
      if (!isWanted()) await new Promise<void>((resolve) => clock.after(rehearsalDelayMs, resolve));
      await rehearse(rehearsal, isWanted);
    }
    post({ kind: "prepared" });
  }

  /** One that cannot be loaded is told by whoever needs it. */
  async function preload(module: string): Promise<unknown> {
    onLoading(1);
    const loaded: unknown = await import(module).catch(() => undefined);
    onLoading(-1);
    return loaded;
  }

  async function rehearse(module: string, isWanted: () => boolean): Promise<void> {
    if (hasRehearsed || isWanted()) return;
    hasRehearsed = true;
    const loaded = (await preload(module)) as { readonly rehearse?: Rehearsal } | undefined;
    await loaded?.rehearse?.(clock, isWanted);
  }

  function checkHealth(): void {
    const nowMs = clock.monotonicMs();
    const reading = heapGuard.check(nowMs);
    if (reading !== undefined) die({ kind: "heap-limit", reading });
    const outside = externalGuard.check(nowMs);
    if (outside !== undefined) die({ kind: "external-limit", reading: outside });
  }

  function beat(): void {
    Atomics.add(progress, progressField.counter, 1);
    // Also what grows outside of turns, in timers and promises, is seen.
    checkHealth();
    stopHeartbeat = clock.after(heartbeatIntervalMs, beat);
  }

  function end(): void {
    stopHeartbeat();
    process.off("uncaughtException", onUncaughtException);
    process.off("unhandledRejection", onUnhandledRejection);
    process.off("exit", onExit);
    control.close();
    stopped.resolve(taskStopped);
  }

  function onUncaughtException(error: unknown): void {
    fail("uncaught exception", error);
  }

  function onUnhandledRejection(reason: unknown): void {
    fail("unhandled rejection", reason);
  }

  /** Main need not wait until the platform has taken the thread apart. */
  function onExit(exitCode: number): void {
    post({ kind: "exiting", exitCode });
  }

  function fail(origin: FailureOrigin, error: unknown): void {
    die({ kind: "failed", origin, error: toWire(error) });
  }

  function die(lastWords: LastWords): never {
    post(lastWords);
    process.exit(1);
  }

  function post(message: FromThread): void {
    control.postMessage(message);
  }
}

/** Collects garbage with a note to the watchdog: nothing moves in the thread meanwhile. */
class AnnouncingHeap extends ThreadHeap {
  readonly #progress: Int32Array;

  constructor(progress: Int32Array) {
    super();
    this.#progress = progress;
  }

  override collect(): void {
    Atomics.store(this.#progress, progressField.isCollecting, 1);
    super.collect();
    Atomics.store(this.#progress, progressField.isCollecting, 0);
  }
}
