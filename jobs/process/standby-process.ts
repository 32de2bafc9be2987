/**
 * StandbyProcess: the process that stands by while another one runs the job: started when that has run for a while, so that
 * short runs do not pay for it, and handed over when it is needed, however far it has come.
 *
 * Invariants
 *  Y1  at most one stands by, and none after `end`.
 *  Y2  one that dies while it stands by is replaced, after waits that grow: one that cannot live costs little.
 */

import { Backoff, type CancelTimer, type Clock, type Random } from "../../runtime/index.ts";
import { standbyAgainDelayMs, standbyBackoffMsMax, standbyBackoffMsMin, standbyDelayMs } from "../limits.ts";
import type { RunProcess } from "./run-process.ts";

export class StandbyProcess {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #launch: () => RunProcess;
  readonly #backoff = new Backoff({
    minMs: standbyBackoffMsMin,
    maxMs: standbyBackoffMsMax,
    factor: 2,
    jitter: 0.2,
    resetAfterMs: standbyBackoffMsMax,
  });
  #process: RunProcess | undefined;
  #cancelTimer: CancelTimer = () => undefined;

  constructor(clock: Clock, random: Random, launch: () => RunProcess) {
    this.#clock = clock;
    this.#random = random;
    this.#launch = launch;
  }

  /** A process runs the job, after so many others: soon another one is to stand by. */
  want(restarts: number): void {
    this.#launchIn(restarts === 0 ? standbyDelayMs : standbyAgainDelayMs);
  }

  is(process: RunProcess): boolean {
    return process === this.#process;
  }

  /** Y2 */
  onEnd(): void {
    this.#process = undefined;
    this.#launchIn(standbyDelayMs + this.#backoff.next(this.#clock.monotonicMs(), this.#random.next()));
  }

  /** The one that stands by, which is the caller's from now on; undefined when there is none. None is started until it is wanted again. */
  take(): RunProcess | undefined {
    this.#cancelTimer();
    const process = this.#process;
    this.#process = undefined;
    return process;
  }

  end(): void {
    this.take()?.kill("the run is over");
  }

  #launchIn(delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      this.#process ??= this.#launch();
    });
  }
}
