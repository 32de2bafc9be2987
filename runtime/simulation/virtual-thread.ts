/**
 * VirtualThread: a thread of a simulated world: its timers, and what holds it up. It runs nothing by itself; the world runs
 * one of its callbacks at a time, when it is its turn.
 *
 * Invariants
 *  V1  a thread that has ended runs nothing any more.
 *  V2  its time never goes back, and goes on while it works, by what it has got done, and by each look at its clock: who works
 *      until a time gets there, also when nothing gets done.
 *  V3  timers run in the order they are due, those due at once in the order they were set.
 */

import type { CancelTimer, Clock } from "../seams/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class VirtualThread {
  /** For the history: `thread 3`, and `host 1` once it runs one. */
  name: string;
  /** The host that it runs. */
  host: number | undefined;
  readonly clock: Clock;
  readonly #now: () => number;
  #timers: Timer[] = [];
  #ended = false;
  /** It stands still until then. */
  #heldUntilMs = 0;
  /** What each thing it does takes it, in ms of virtual time. */
  #costMs = 0;

  /** Its own time, which is ahead of that of the world while it works. */
  #ownMs = 0;
  readonly #workDone: () => number;
  #workBefore = 0;
  /** At its clock, since its callback began. */
  #looks = 0;

  /**
   * @param now virtual time, in ms
   * @param wall what the wall clock says, in ms
   * @param workDone a counter that it raises as it works
   */
  constructor(name: string, now: () => number, wall: () => number, workDone: () => number) {
    this.name = name;
    this.#now = now;
    this.#workDone = workDone;
    this.clock = {
      wallMs: wall,
      monotonicMs: () => this.#look(),
      after: (delayMs, callback) => this.#after(Math.max(0, delayMs), callback),
      soon: (callback) => void this.#after(0, callback),
      // Input may come first here, which it does not on a real thread: one order more.
      afterPromises: (callback) => void this.#after(0, callback),
    };
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Nothing of it happens any more. */
  end(): void {
    this.#ended = true;
    this.#timers = [];
  }

  /** It stands still for a while, as a loop that blocks it would have it. */
  hold(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#now() + ms);
  }

  /** From now on each thing it does takes it `costMs`. */
  slow(costMs: number): void {
    this.#costMs = costMs;
  }

  /** When it can do something that is due at `dueMs`. */
  readyMs(dueMs: number): number {
    return Math.max(dueMs, this.#heldUntilMs);
  }

  /** When its next timer is due; never when it has none. */
  get dueMs(): number {
    const timer = this.#timers[0];
    return timer === undefined ? Number.POSITIVE_INFINITY : this.readyMs(timer.dueMs);
  }

  /** Runs what has been due longest. */
  runTimer(): void {
    const timer = this.#timers.shift();
    if (timer !== undefined) this.run(timer.callback);
  }

  run(callback: () => void): void {
    if (this.#ended) return;
    this.#workBefore = this.#workDone();
    this.#looks = 0;
    try {
      callback();
    } finally {
      this.hold(this.#ownTimeMs() - this.#now() + this.#costMs);
    }
  }

  /** V2 */
  #look(): number {
    this.#looks += 1;
    return this.#ownTimeMs();
  }

  /** V2 */
  #ownTimeMs(): number {
    const workedMs = (this.#workDone() - this.#workBefore + this.#looks) * workMs;
    this.#ownMs = Math.max(this.#ownMs, this.#now() + workedMs);
    return this.#ownMs;
  }

  #after(delayMs: number, callback: () => void): CancelTimer {
    if (this.#ended) return () => undefined;
    const timer: Timer = { dueMs: this.#ownTimeMs() + delayMs, callback };
    const index = this.#timers.findLastIndex(({ dueMs }) => dueMs <= timer.dueMs);
    this.#timers.splice(index + 1, 0, timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }
}

/** A unit of work, such as an event at one operator or a look at the clock, takes so many ms. */
const workMs = 0.01;
