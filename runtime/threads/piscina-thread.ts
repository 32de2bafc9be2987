/**
 * PiscinaThread: main's side of one worker thread, which is one never-ending piscina task with a control port.
 *
 * The end of the task is the end of the thread. Everything it posted before is already in the control port then, and is
 * taken out at once: the cause of a death is known before the death is reported.
 *
 * Invariants
 *  T1  the thread ends once, as exactly one of: failed to start, stopped, died.
 *  T2  nothing is posted to a thread that has ended; its ports are closed instead, so that no peer waits on them.
 *
 * Not here: how many threads there are and when another one is started (piscina-thread-pool.ts).
 */

import { MessageChannel, type MessagePort, receiveMessageOnPort, type Transferable } from "node:worker_threads";
import { assert } from "../assert.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import type { HostSettings } from "../host/host.ts";
import type { Logger } from "../seams/logger.ts";
import type { Port } from "../seams/transport.ts";
import type { MemoryLimits } from "./memory-limits.ts";
import { MessagePortEnd } from "./message-port-transport.ts";
import { progressLength } from "./progress-field.ts";
import { deathError } from "./thread-death.ts";
import type { HostThread, PeerLink } from "./thread-pool.ts";
import { type FromThread, type LastWords, type ThreadTask, type ToThread, taskStopped } from "./thread-protocol.ts";

/** A thread could not be created, or its module could not be loaded; `cause` says why. */
export class ThreadStartError extends MillraceError {
  readonly code = "ERR_RT_THREAD_START";
}

export type RunTask = (task: ThreadTask, transferList: Transferable[], signal: AbortSignal) => Promise<unknown>;

export type ThreadEnd =
  | { readonly kind: "failed-to-start"; readonly error: ThreadStartError }
  | { readonly kind: "stopped" }
  | { readonly kind: "died"; readonly error: MillraceError };

export interface ThreadListener {
  onReady(thread: PiscinaThread): void;
  /** It has loaded what it was told to, and rehearsed. */
  onPrepared(thread: PiscinaThread): void;
  onEnd(thread: PiscinaThread, end: ThreadEnd): void;
}

type Phase =
  | { readonly kind: "starting" }
  | { readonly kind: "ready"; readonly threadId: number; readonly isStopping: boolean }
  | { readonly kind: "ended"; readonly threadId: number; readonly end: ThreadEnd };

export class PiscinaThread implements HostThread {
  readonly progress = new Int32Array(new SharedArrayBuffer(progressLength * Int32Array.BYTES_PER_ELEMENT));
  readonly #control: MessagePort;
  readonly #abort = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #limits: MemoryLimits;
  readonly #listener: ThreadListener;
  readonly #logger: Logger;
  readonly #deathListeners: ((error: MillraceError) => void)[] = [];
  #phase: Phase = { kind: "starting" };
  /** Preloads that are not over. */
  #preloads = 0;
  #killedFor: MillraceError | undefined;
  #lastWords: LastWords | undefined;
  #exitCode: number | undefined;

  constructor(run: RunTask, limits: MemoryLimits, listener: ThreadListener, logger: Logger) {
    this.#limits = limits;
    this.#listener = listener;
    this.#logger = logger;
    const { port1, port2 } = new MessageChannel();
    this.#control = port1;
    this.#control.on("message", (message: FromThread) => this.#onMessage(message));
    this.#run(run, { control: port2, progress: this.progress, ...limits });
  }

  get threadId(): number {
    return this.#phase.kind === "starting" ? -1 : this.#phase.threadId;
  }

  /** Whether it is ready, and has nothing left to load or to rehearse. */
  get isPrepared(): boolean {
    return this.#phase.kind === "ready" && this.#preloads === 0;
  }

  adopt(settings: HostSettings, links: readonly PeerLink[]): void {
    const ports = links.map((link) => ({ ...link, port: detach(link.port) }));
    this.#post(
      { kind: "adopt", settings, links: ports },
      ports.map(({ port }) => port),
    );
  }

  join(peer: number, incarnation: number, port: Port): void {
    const detached = detach(port);
    this.#post({ kind: "join", peer, incarnation, port: detached }, [detached]);
  }

  preload(modules: readonly string[], rehearsal: string | undefined, rehearsalDelayMs: number, isAhead: boolean): void {
    if (modules.length === 0) return;
    this.#preloads += 1;
    this.#post({ kind: "preload", modules, rehearsal, rehearsalDelayMs, isAhead }, []);
  }

  stop(): Promise<void> {
    if (this.#phase.kind === "ready" && !this.#phase.isStopping) {
      this.#phase = { ...this.#phase, isStopping: true };
      this.#post({ kind: "stop" }, []);
    }
    return this.#ended.promise;
  }

  kill(reason: MillraceError): void {
    if (this.#phase.kind === "ended") return;
    this.#killedFor ??= reason;
    this.#abort.abort();
  }

  onDeath(listener: (error: MillraceError) => void): void {
    if (this.#phase.kind === "ended") {
      if (this.#phase.end.kind === "died") listener(this.#phase.end.error);
      return;
    }
    this.#deathListeners.push(listener);
  }

  /** Tells which code the platform's thread has exited with; the end itself is told by the task. */
  onExit(exitCode: number): void {
    this.#exitCode ??= exitCode;
  }

  #run(run: RunTask, task: ThreadTask): void {
    Promise.try(run, task, [task.control], this.#abort.signal).then(
      (result) => this.#end(result, undefined),
      (rejection: unknown) => this.#end(undefined, rejection),
    );
  }

  #onMessage(message: FromThread): void {
    switch (message.kind) {
      case "ready":
        if (this.#phase.kind !== "starting") return;
        this.#phase = { kind: "ready", threadId: message.threadId, isStopping: false };
        this.#listener.onReady(this);
        return;
      case "prepared":
        this.#preloads -= 1;
        if (this.isPrepared) this.#listener.onPrepared(this);
        return;
      case "log":
        this.#logger.log(message.level, message.message, { ...message.fields, threadId: this.threadId });
        return;
      case "exiting":
        this.#exitCode ??= message.exitCode;
        return this.#die(message);
      case "failed":
      case "heap-limit":
      case "external-limit":
        return this.#die(message);
    }
  }

  /** Ends it for everybody else, without a wait until the platform has taken it apart. */
  #die(lastWords: LastWords): void {
    this.#lastWords ??= lastWords;
    this.#abort.abort();
  }

  #end(result: unknown, rejection: unknown): void {
    for (
      let next = receiveMessageOnPort(this.#control);
      next !== undefined;
      next = receiveMessageOnPort(this.#control)
    ) {
      this.#onMessage(next.message as FromThread);
    }
    this.#control.close();
    assert(this.#phase.kind !== "ended", "T1: a thread ends once");
    const end = this.#endKind(result, rejection);
    this.#phase = { kind: "ended", threadId: this.threadId, end };
    if (end.kind === "died") for (const listener of this.#deathListeners) listener(end.error);
    this.#listener.onEnd(this, end);
    this.#ended.resolve();
  }

  #endKind(result: unknown, rejection: unknown): ThreadEnd {
    if (this.#phase.kind === "starting") return { kind: "failed-to-start", error: this.#startError(rejection) };
    if (result === taskStopped && this.#phase.kind === "ready" && this.#phase.isStopping) return { kind: "stopped" };
    const evidence = {
      threadId: this.threadId,
      heapLimitMb: this.#limits.heapLimitMb,
      killedFor: this.#killedFor,
      lastWords: this.#lastWords,
      exitCode: this.#exitCode,
      rejection,
    };
    return { kind: "died", error: deathError(evidence) };
  }

  #startError(rejection: unknown): ThreadStartError {
    if (this.#killedFor instanceof ThreadStartError) return this.#killedFor;
    const cause = this.#killedFor ?? rejection;
    const text = cause instanceof Error ? cause.message : String(cause);
    return new ThreadStartError(`a worker thread could not be started: ${text}`, { cause });
  }

  #post(message: ToThread, transferList: readonly MessagePort[]): void {
    if (this.#phase.kind === "ended") {
      for (const port of transferList) port.close();
      return;
    }
    this.#control.postMessage(message, transferList);
  }
}

function detach(port: Port): MessagePort {
  assert(port instanceof MessagePortEnd, "worker threads are linked by the MessagePortTransport");
  return port.detach();
}
