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

import { SystemClock } from "../seams/clock.ts";
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
  readonly #threads = new Set<VirtualThread>();
  #lanes: Lane[] = [];
  readonly #onError = new Map<VirtualThread, (error: unknown) => void>();
  #nowMs = 0;
  #wallSkewMs = 0;
  #steps = 0;

  constructor(random: SeededRandom, history: History) {
    this.random = random;
    this.history = history;
    this.main = this.createThread(mainName);
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
      () => wallStartMs + this.#nowMs + this.#wallSkewMs,
      workDone,
    );
    this.#threads.add(thread);
    if (onError !== undefined) this.#onError.set(thread, onError);
    return thread;
  }

  endThread(thread: VirtualThread): void {
    thread.end();
    this.#threads.delete(thread);
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
    this.main = this.createThread(mainName);
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
    this.#steps += 1;
    if (this.random.chance(earlyProbability)) this.#advance();
    let ready = this.#ready();
    if (ready.length === 0) {
      await settled();
      ready = this.#ready();
      if (ready.length === 0) return this.#advance();
    }
    ready[this.random.below(ready.length)]?.();
    await rounds(this.random.below(roundsMax));
    return true;
  }

  #ready(): (() => void)[] {
    const ready: (() => void)[] = [];
    for (const lane of this.#lanes) {
      if (this.#readyMs(lane) <= this.#nowMs) ready.push(() => this.#deliver(lane));
    }
    for (const thread of this.#threads) {
      if ((thread.dueMs ?? Number.POSITIVE_INFINITY) <= this.#nowMs) ready.push(() => this.#runTimer(thread));
    }
    return ready;
  }

  #readyMs({ isOpen, parcels, to }: Lane): number {
    const [parcel] = parcels;
    return parcel === undefined || !isOpen ? Number.POSITIVE_INFINITY : to.readyMs(parcel.readyMs);
  }

  #deliver(lane: Lane): void {
    const parcel = lane.parcels.shift();
    if (parcel === undefined) return;
    this.history.add(this.#nowMs, `${lane.name}: ${parcel.what}`);
    this.#guarded(lane.to, () => lane.to.run(parcel.deliver));
  }

  #runTimer(thread: VirtualThread): void {
    this.history.add(this.#nowMs, `${thread.name}: timer`);
    this.#guarded(thread, () => thread.runTimer());
  }

  #guarded(thread: VirtualThread, act: () => void): void {
    thread.hold(this.random.next() * costMsMax);
    const onError = this.#onError.get(thread);
    if (onError === undefined) return act();
    try {
      act();
    } catch (error) {
      onError(error);
    }
  }

  /** W2 */
  #advance(): boolean {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes) nextMs = Math.min(nextMs, this.#readyMs(lane));
    for (const { dueMs } of this.#threads) nextMs = Math.min(nextMs, dueMs ?? Number.POSITIVE_INFINITY);
    if (nextMs === Number.POSITIVE_INFINITY) return false;
    this.#nowMs = Math.max(this.#nowMs, nextMs);
    return true;
  }
}

/** The thread that submits the job runs host 0. */
const mainName = "host 0";
/** Wall time at the start of a world: 1 January 2026, UTC. */
const wallStartMs = 1_767_225_600_000;
/** What a thread does takes it up to so many ms of virtual time. */
const costMsMax = 1;
/** Of a step to let time pass although something may happen now. */
const earlyProbability = 0.03;
/** Rounds of promises between two steps, at most: what follows a promise may come before or after another step. */
const roundsMax = 4;

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) await null;
}

const platform = new SystemClock();

/** Resolves when no promise is left that only waits for others. */
function settled(): Promise<void> {
  return new Promise((resolve) => platform.soon(resolve));
}
