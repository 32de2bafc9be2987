/**
 * SimulatedWorld: threads, the lanes between them and time, in one thread and decided by a seed. What happens next is drawn
 * from what may: the head of any lane, or the timer that any thread has had due longest; time passes when nothing may
 * happen, and now and then before, because on real threads the unlikely happens too.
 *
 * Nothing real is waited for: promises run between two steps, in the order that the language gives them, so that a seed is
 * one history.
 *
 * Invariants
 *  W1  what is posted to one lane arrives in order, nothing before its time, nothing at a thread that has ended.
 *  W2  time never goes back.
 */

import { promisesSettled } from "../seams/clock.ts";
import { atFaultPoints } from "../seams/fault-points.ts";
import { virtualWallStartMs } from "../seams/virtual-clock.ts";
import type { History } from "./history.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { VirtualThread } from "./virtual-thread.ts";

interface Parcel {
  readonly readyMs: number;
  readonly deliver: () => void;
  /** For the history. */
  readonly what: string;
}

/** One FIFO towards one thread. */
export interface Lane {
  /** For the history. */
  name: string;
  to: VirtualThread;
  /** False while nobody takes what arrives. */
  isOpen: boolean;
  readonly parcels: Parcel[];
  /** Added to the time of each parcel. */
  delayMs: number;
}

export class SimulatedWorld {
  readonly random: SeededRandom;
  readonly history: History;
  /** Of the process that lives now. Its errors are the simulation's own: they end it. */
  main: VirtualThread;
  /** What acts on the process from outside, and outlives it. */
  readonly outside: VirtualThread;
  /**
   * Called when a host passes a fault point, but for what it does behind a promise; what this throws leaves the point. Undefined:
   * all are passed.
   */
  onFaultPoint: ((host: number, point: string) => void) | undefined;
  #threads: VirtualThread[] = [];
  #lanes: Lane[] = [];
  /** What may happen now, of the step in hand. */
  readonly #ready: (Lane | VirtualThread)[] = [];
  readonly #onError = new Map<VirtualThread, (error: unknown) => void>();
  #nowMs = 0;
  #wallSkewMs = 0;
  #steps = 0;

  constructor(random: SeededRandom, history: History) {
    this.random = random;
    this.history = history;
    this.main = this.#createMain();
    this.outside = this.createThread("outside");
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /**
   * @param workDone a counter that it raises as it works
   * @param onError gets what its callbacks throw; without it the step fails with that
   */
  createThread(name: string, workDone = () => 0, onError?: (error: unknown) => void): VirtualThread {
    const thread = new VirtualThread(
      name,
      () => this.#nowMs,
      () => virtualWallStartMs + this.#nowMs + this.#wallSkewMs,
      workDone,
    );
    this.#threads.push(thread);
    if (onError !== undefined) this.#onError.set(thread, onError);
    return thread;
  }

  endThread(thread: VirtualThread): void {
    thread.end();
    this.#threads = this.#threads.filter((each) => each !== thread);
    this.#onError.delete(thread);
    this.#lanes = this.#lanes.filter(({ to }) => to !== thread);
  }

  /** The wall clock jumps; no timer does. */
  jumpWall(byMs: number): void {
    this.#wallSkewMs += byMs;
  }

  /** The process dies: every thread of it, and all that is on its way between them. */
  endProcess(): void {
    for (const thread of [...this.#threads]) if (thread !== this.outside) this.endThread(thread);
    this.main = this.#createMain();
  }

  createLane(name: string, to: VirtualThread): Lane {
    const lane: Lane = { name, to, isOpen: true, parcels: [], delayMs: 0 };
    this.#lanes.push(lane);
    return lane;
  }

  closeLane(lane: Lane): void {
    lane.isOpen = false;
    lane.parcels.length = 0;
    this.#lanes = this.#lanes.filter((each) => each !== lane);
  }

  /** W1 */
  post(lane: Lane, what: string, deliver: () => void, delayMs = 0): void {
    const last = lane.parcels.at(-1)?.readyMs ?? 0;
    lane.parcels.push({ readyMs: Math.max(last, this.#nowMs + delayMs + lane.delayMs), what, deliver });
  }

  /** Something happens; false when nothing ever will. */
  async step(): Promise<boolean> {
    for (;;) {
      this.#steps += 1;
      if (this.random.chance(earlyProbability)) this.#advance(earlyMsMax);
      if (!this.#findReady()) {
        await promisesSettled(this.#steps % stepsPerLook === 0);
        if (!this.#findReady()) {
          if (this.#advance()) continue;
          return false;
        }
      }
      const ready = this.#ready;
      const next = ready[this.random.below(ready.length)];
      if (next instanceof VirtualThread) this.#runTimer(next);
      else if (next !== undefined) this.#deliver(next);
      for (let round = this.random.below(roundsMax); round > 0; round -= 1) await null;
      return true;
    }
  }

  /** True when something may happen now. */
  #findReady(): boolean {
    const ready = this.#ready;
    const nowMs = this.#nowMs;
    ready.length = 0;
    for (let index = 0; index < this.#lanes.length; index += 1) {
      const lane = this.#lanes[index] as Lane;
      if (lane.parcels.length > 0 && this.#readyMs(lane) <= nowMs) ready.push(lane);
    }
    for (let index = 0; index < this.#threads.length; index += 1) {
      const thread = this.#threads[index] as VirtualThread;
      if (thread.dueMs <= nowMs) ready.push(thread);
    }
    return ready.length > 0;
  }

  #readyMs({ isOpen, parcels, to }: Lane): number {
    const parcel = parcels[0];
    return parcel === undefined || !isOpen ? Number.POSITIVE_INFINITY : to.readyMs(parcel.readyMs);
  }

  #deliver(lane: Lane): void {
    const parcel = lane.parcels.shift();
    if (parcel === undefined) return;
    this.history.add(this.#nowMs, lane.name, parcel.what);
    this.#guarded(lane.to, () => lane.to.run(parcel.deliver));
  }

  #runTimer(thread: VirtualThread): void {
    this.history.add(this.#nowMs, thread.name, "timer");
    this.#guarded(thread, () => thread.runTimer());
  }

  #createMain(): VirtualThread {
    const main = this.createThread(mainName);
    main.host = 0;
    return main;
  }

  #guarded(thread: VirtualThread, act: () => void): void {
    thread.hold(this.random.next() * costMsMax);
    const onError = this.#onError.get(thread);
    if (onError === undefined) return this.#passing(thread, act);
    try {
      this.#passing(thread, act);
    } catch (error) {
      onError(error);
    }
  }

  #passing({ host }: VirtualThread, act: () => void): void {
    const { onFaultPoint } = this;
    if (onFaultPoint === undefined || host === undefined) return act();
    atFaultPoints((point) => onFaultPoint(host, point), act);
  }

  /** W2. Not by more than `msMax`. */
  #advance(msMax = Number.POSITIVE_INFINITY): boolean {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes) if (lane.parcels.length > 0) nextMs = Math.min(nextMs, this.#readyMs(lane));
    for (const { dueMs } of this.#threads) nextMs = Math.min(nextMs, dueMs);
    if (nextMs === Number.POSITIVE_INFINITY || nextMs - this.#nowMs > msMax) return false;
    this.#nowMs = Math.max(this.#nowMs, nextMs);
    return true;
  }
}

/** The thread that submits the job runs host 0. */
const mainName = "host 0";
/** What a thread does takes it up to so many ms of virtual time. */
const costMsMax = 1;
/** Of a step to let time pass although something may happen now. */
const earlyProbability = 0.03;
/** By so many ms at the most: what may happen now does not wait for a timer that is far away. */
const earlyMsMax = 1_000;
/** Rounds of promises between two steps, at most: what follows a promise may come before or after another step. */
const roundsMax = 4;
/** Steps after which the platform may look at its input: what does wait for something real is not kept from it for ever. */
const stepsPerLook = 256;
