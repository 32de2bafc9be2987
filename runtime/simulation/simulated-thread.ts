/**
 * SimulatedThread: main's side of a virtual thread that runs one host, and the thread's side as well: what main asks for
 * travels on a lane of its own, beside those of the links, as on the control port of a real thread.
 */

import { assert } from "../assert.ts";
import { MillraceError } from "../errors/millrace-error.ts";
import type { Host, HostSeams, HostSettings } from "../host/host.ts";
import { heartbeatIntervalMs } from "../limits.ts";
import type { Logger } from "../seams/logger.ts";
import type { Port } from "../seams/transport.ts";
import { progressField, progressLength } from "../threads/progress-field.ts";
import type { HostThread, PeerLink } from "../threads/thread-pool.ts";
import { SimulatedPort } from "./simulated-transport.ts";
import type { Lane, SimulatedWorld } from "./simulated-world.ts";
import type { VirtualThread } from "./virtual-thread.ts";

/** A virtual thread died: by a fault, or because a callback threw. */
export class SimulatedDeathError extends MillraceError {
  readonly code = "ERR_RT_SIMULATED_DEATH";
}

export type CreateHost = (settings: HostSettings, seams: HostSeams) => Host;

export class SimulatedThread implements HostThread {
  readonly threadId: number;
  readonly progress = new Int32Array(progressLength);
  readonly #world: SimulatedWorld;
  readonly #thread: VirtualThread;
  readonly #control: Lane;
  readonly #toMain: Lane;
  readonly #createHost: CreateHost;
  readonly #logger: Logger;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #deathListeners: ((error: MillraceError) => void)[] = [];
  readonly #ports = new Map<number, SimulatedPort>();
  #host: Host | undefined;
  #number: number | undefined;
  #dead = false;

  constructor(world: SimulatedWorld, threadId: number, createHost: CreateHost, logger: Logger) {
    this.threadId = threadId;
    this.#world = world;
    this.#createHost = createHost;
    this.#logger = logger;
    this.#thread = world.createThread(
      `thread ${threadId}`,
      () => Atomics.load(this.progress, progressField.counter),
      (error) => this.die(error),
    );
    this.#control = world.createLane(`thread ${threadId} < host 0`, this.#thread);
    this.#toMain = world.createLane(`host 0 < thread ${threadId}`, world.main);
  }

  /** The host that it runs or is about to run; undefined for a spare. */
  get hostNumber(): number | undefined {
    return this.#number;
  }

  /** Whether its host is there, so that a fault has something to strike. */
  get isRunning(): boolean {
    return this.#host !== undefined && !this.#dead;
  }

  adopt(settings: HostSettings, links: readonly PeerLink[]): void {
    assert(this.#number === undefined, "a thread runs one host");
    this.#number = settings.host;
    this.#thread.name = `host ${settings.host}`;
    this.#thread.host = settings.host;
    this.#control.name = `${this.#thread.name} < host 0`;
    for (const { peer, port } of links) this.#take(peer, port).join(settings.host, peer);
    this.#ask(`run on thread ${this.threadId}`, () => {
      const { clock } = this.#thread;
      const random = this.#world.random;
      this.#host = this.#createHost(settings, { clock, random, logger: this.#logger, progress: this.progress });
      for (const { peer, incarnation, port } of links) this.#host.join(peer, incarnation, port);
      this.#beat();
    });
  }

  join(peer: number, incarnation: number, port: Port): void {
    this.#take(peer, port);
    this.#ask(`link to host ${peer}`, () => this.#host?.join(peer, incarnation, port));
  }

  stop(): Promise<void> {
    this.#ask("stop", () => {
      void Promise.resolve(this.#host?.stop()).then(() => {
        if (this.#dead) return;
        this.#end();
        this.#tell("stopped", () => this.#stopped.resolve());
      });
    });
    return this.#stopped.promise;
  }

  kill(reason: MillraceError): void {
    this.die(reason);
  }

  onDeath(listener: (error: MillraceError) => void): void {
    this.#deathListeners.push(listener);
  }

  /** It ends with everything on it; what it has posted arrives, and main hears of it. */
  die(cause: unknown): void {
    if (this.#dead) return;
    this.#end();
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error =
      cause instanceof MillraceError
        ? cause
        : new SimulatedDeathError(`thread ${this.threadId} died: ${reason}`, { cause });
    this.#tell(error.message, () => {
      for (const listener of this.#deathListeners) listener(error);
      this.#stopped.resolve();
    });
  }

  /** It stands still: its watchdog may have enough of it. */
  hold(ms: number): void {
    this.#thread.hold(ms);
  }

  slow(costMs: number): void {
    this.#thread.slow(costMs);
  }

  /** What it gets from a host takes so much longer from now on. */
  delay(peer: number, ms: number): void {
    this.#ports.get(peer)?.delay(ms);
  }

  /** What it sends the first thread takes so much longer from now on. */
  delayToMain(ms: number): void {
    this.#ports.get(0)?.delayPeer(ms);
  }

  #end(): void {
    this.#dead = true;
    this.#world.endThread(this.#thread);
  }

  #take(peer: number, port: Port): SimulatedPort {
    assert(port instanceof SimulatedPort, "simulated threads are linked by the SimulatedTransport");
    port.moveTo(this.#thread);
    this.#ports.set(peer, port);
    return port;
  }

  #ask(what: string, act: () => void): void {
    if (!this.#dead) this.#world.post(this.#control, what, act);
  }

  #tell(what: string, act: () => void): void {
    this.#world.post(this.#toMain, what, act, this.#world.random.below(deathNewsMsMax));
  }

  #beat(): void {
    Atomics.add(this.progress, progressField.counter, 1);
    this.#thread.clock.after(heartbeatIntervalMs, () => this.#beat());
  }
}

/** Main hears of the end of a thread within so many ms; measured on real ones: 3 to 5. */
const deathNewsMsMax = 6;
