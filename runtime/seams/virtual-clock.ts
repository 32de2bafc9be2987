/**
 * VirtualClock: time that passes only when told to, for the simulation and for tests.
 *
 * Invariants
 *  V1  callbacks run in the order of their due times; of equal due times, in the order they were asked for.
 *  V2  while a callback runs, the time is its due time.
 *  V3  no callback runs outside `advance`.
 */

import { assert } from "../assert.ts";
import { OptionError } from "../errors/option-error.ts";
import type { CancelTimer, Clock } from "./clock.ts";

/**
 * Where the wall clock of virtual time begins: 1 January 2100, UTC, behind the times in all data, so that no event is ahead of it by more
 * than is allowed (`maxAhead`).
 */
export const virtualWallStartMs = 4_102_444_800_000;

interface Timer {
  readonly dueMs: number;
  /** Undefined once it has run or was cancelled. */
  callback: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  readonly #wallStartMs: number;
  #nowMs = 0;
  /** Latest first, so that the next one is taken off the end. */
  readonly #timers: Timer[] = [];

  /** @param wallStartMs the wall time at the beginning, in ms since the epoch. Default: 1 January 2100 */
  constructor(wallStartMs = virtualWallStartMs) {
    this.#wallStartMs = wallStartMs;
  }

  wallMs(): number {
    return this.#wallStartMs + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.splice(this.#indexFor(timer.dueMs), 0, timer);
    return () => {
      timer.callback = undefined;
    };
  }

  soon(callback: () => void): void {
    this.after(0, callback);
  }

  afterPromises(callback: () => void): void {
    this.after(0, callback);
  }

  /** Time until the next callback is due, in ms; undefined when none is waiting. */
  nextDelayMs(): number | undefined {
    while (this.#timers.at(-1)?.callback === undefined && this.#timers.length > 0) this.#timers.pop();
    const next = this.#timers.at(-1);
    return next === undefined ? undefined : next.dueMs - this.#nowMs;
  }

  /**
   * Lets `durationMs` pass and runs every callback that falls due, those that are asked for on the way included. With 0,
   * runs what is due now.
   *
   * @throws ERR_RT_OPTION when the duration is negative or not finite
   */
  advance(durationMs: number): void {
    if (!(durationMs >= 0 && Number.isFinite(durationMs))) {
      throw new OptionError("advance", durationMs, "a duration of 0 ms or more");
    }
    const endMs = this.#nowMs + durationMs;
    for (let next = this.#timers.at(-1); next !== undefined && next.dueMs <= endMs; next = this.#timers.at(-1)) {
      this.#timers.pop();
      assert(next.dueMs >= this.#nowMs, "V1: due times do not go back");
      this.#nowMs = next.dueMs;
      const callback = next.callback;
      next.callback = undefined;
      callback?.();
    }
    this.#nowMs = endMs;
  }

  /** Where a timer goes: before those due earlier, and before its equals, which are to run first. */
  #indexFor(dueMs: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timers[middle]!.dueMs > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
