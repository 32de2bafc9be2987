/**
 * EpochWatch: looks after the epoch in flight: says when it takes long, and when nothing that it waits for moves any more. An
 * epoch that is slow because there is much to work off is waited for as long as it takes: giving it up would begin it anew.
 */

import type { CancelTimer, Clock } from "../../runtime/index.ts";
import { epochSlowMs } from "../limits.ts";

export interface EpochWatchActions {
  onSlow(epoch: number): void;
  /** For how long nothing that the epoch waits for has moved. */
  quietMs(): Promise<number>;
  /** Nothing has moved for as long as is allowed, or longer. */
  onSilent(epoch: number, quietMs: number): void;
}

/** Of the silence allowed: looking again costs a question to every cell. */
const lookShareMin = 0.1;

export class EpochWatch {
  readonly #clock: Clock;
  readonly #actions: EpochWatchActions;
  /** The epoch that is looked after; undefined when all cells have acknowledged it. */
  #epoch: number | undefined;
  #cancelSlow: CancelTimer = () => undefined;
  #cancelLook: CancelTimer = () => undefined;

  constructor(clock: Clock, actions: EpochWatchActions) {
    this.#clock = clock;
    this.#actions = actions;
  }

  /** @param silenceMsMax how long nothing that the epoch waits for may move */
  start(epoch: number, silenceMsMax: number): void {
    this.end();
    this.#epoch = epoch;
    this.#cancelSlow = this.#clock.after(epochSlowMs, () => this.#actions.onSlow(epoch));
    this.#lookIn(epoch, silenceMsMax, silenceMsMax);
  }

  /** All cells have acknowledged: what follows is the store's. */
  acknowledged(): void {
    this.#epoch = undefined;
    this.#cancelLook();
  }

  end(): void {
    this.acknowledged();
    this.#cancelSlow();
  }

  #lookIn(epoch: number, silenceMsMax: number, delayMs: number): void {
    const atLeastMs = silenceMsMax * lookShareMin;
    this.#cancelLook = this.#clock.after(Math.max(delayMs, atLeastMs), () => void this.#look(epoch, silenceMsMax));
  }

  async #look(epoch: number, silenceMsMax: number): Promise<void> {
    const quietMs = await this.#actions.quietMs();
    if (this.#epoch !== epoch) return;
    if (quietMs >= silenceMsMax) this.#actions.onSilent(epoch, quietMs);
    else this.#lookIn(epoch, silenceMsMax, silenceMsMax - quietMs);
  }
}
