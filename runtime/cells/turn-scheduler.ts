/**
 * TurnScheduler: gives the ready cells of one host their turns, in the order in which they became ready. After its time
 * budget it yields to the event loop, so that ports, timers and control are served. After every turn the host sends what
 * the turn wrote: the other end works on it meanwhile.
 *
 * Invariant
 *  S1  in one round of the event loop turns take no longer than the budget and two turns more, and as much again per
 *      `inputsPassedOverMax` pieces of input.
 */

import { inputsPassedOverMax } from "../limits.ts";
import type { Clock } from "../seams/clock.ts";
import { Ring } from "./ring.ts";

export interface Turnable {
  /** True while it stands in the ready queue; kept by the scheduler. */
  queued: boolean;
  takeTurn(): void;
}

export interface TurnHooks {
  afterTurn(): void;
  /** After the last turn of a run, before the event loop is served. */
  afterRun(): void;
}

export class TurnScheduler {
  readonly #clock: Clock;
  readonly #budgetMs: number;
  readonly #hooks: TurnHooks;
  readonly #ready = new Ring<Turnable>();
  readonly #run = () => this.#runArmed();
  #armed = false;
  #running = false;
  /** Until when turns may be given in this round of the event loop, once `runSoonest` has given some; undefined before. */
  #roundEndMs: number | undefined;
  /** Input of this round that was given no turns. */
  #passedOver = 0;

  constructor(clock: Clock, budgetMs: number, hooks: TurnHooks) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
    this.#hooks = hooks;
  }

  schedule(cell: Turnable): void {
    if (cell.queued) return;
    cell.queued = true;
    this.#ready.push(cell);
    if (!this.#running) this.#arm();
  }

  /**
   * Runs what input just made ready at once instead of after the event loop's round; the rest of a burst of input that
   * comes within the same round waits for its end, so that no port starves the others. A round may last long, where a port is
   * emptied while more and more comes in by it: then it is the turns that must not starve.
   */
  runSoonest(): void {
    if (this.#running) return;
    if (this.#roundEndMs !== undefined && this.#passedOver < inputsPassedOverMax) {
      this.#passedOver += 1;
      return;
    }
    this.#passedOver = 0;
    const endMs = this.#clock.monotonicMs() + this.#budgetMs;
    this.#roundEndMs = endMs;
    this.#arm();
    this.#runTurns(endMs);
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#clock.soon(this.#run);
  }

  #runArmed(): void {
    this.#armed = false;
    this.#passedOver = 0;
    const endMs = this.#roundEndMs ?? this.#clock.monotonicMs() + this.#budgetMs;
    this.#roundEndMs = undefined;
    this.#runTurns(endMs);
  }

  /** At least one turn, if there is one to give. */
  #runTurns(endMs: number): void {
    this.#running = true;
    try {
      for (let cell = this.#ready.shift(); cell !== undefined; cell = this.#ready.shift()) {
        cell.queued = false;
        cell.takeTurn();
        this.#hooks.afterTurn();
        if (this.#clock.monotonicMs() >= endMs) break;
      }
      this.#hooks.afterRun();
    } finally {
      this.#running = false;
      if (this.#ready.length > 0) this.#arm();
    }
  }
}
