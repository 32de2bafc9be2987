/**
 * PatientCommit: writes checkpoints to a store that may fail for a while: a full disk, say. One at a time; each is tried again,
 * after waits that grow, and given up after `storeAttemptsMax` attempts.
 */

import { Backoff, type CancelTimer, type Clock } from "../../runtime/index.ts";
import { storeAttemptsMax, storeBackoffMsMax, storeBackoffMsMin } from "../limits.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import { StorageError } from "./storage-error.ts";

export class PatientCommit {
  readonly #store: CheckpointStore;
  readonly #clock: Clock;
  readonly #onRetry: (attempt: number, error: unknown) => void;
  #cancelRest: CancelTimer = () => undefined;
  #endRest: () => void = () => undefined;
  #stopped = false;

  /** @param onRetry called when an attempt has failed that is not the last */
  constructor(store: CheckpointStore, clock: Clock, onRetry: (attempt: number, error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onRetry = onRetry;
  }

  /**
   * Writes a checkpoint. Resolves with true when it is durable, with false when it was given up because of `stop`.
   *
   * @throws ERR_JOB_STORAGE when the last attempt has failed; the checkpoint before stays
   */
  async write(checkpoint: Checkpoint): Promise<boolean> {
    const backoff = new Backoff(backoffSettings);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#store.commit(checkpoint);
        return true;
      } catch (error) {
        if (this.#stopped) return false;
        if (attempt === storeAttemptsMax) throw this.#failure(checkpoint.epoch, error);
        this.#onRetry(attempt, error);
        await this.#rest(backoff.next(this.#clock.monotonicMs(), 0.5));
        if (this.#stopped) return false;
      }
    }
  }

  /** Nothing is tried again any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelRest();
    this.#endRest();
  }

  #rest(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#endRest = resolve;
      this.#cancelRest = this.#clock.after(delayMs, resolve);
    });
  }

  #failure(epoch: number, cause: unknown): StorageError {
    const { place, epoch: lastEpoch } = this.#store;
    const stays = lastEpoch === 0 ? "there is none before" : `that of epoch ${lastEpoch} stays`;
    const why = cause instanceof Error ? cause.message : String(cause);
    return new StorageError(
      `the checkpoint of epoch ${epoch} could not be written to ${place} in ${storeAttemptsMax} attempts; ${stays}: ${why}`,
      { cause, details: { place, epoch, attempts: storeAttemptsMax, lastEpoch } },
    );
  }
}

const backoffSettings = {
  minMs: storeBackoffMsMin,
  maxMs: storeBackoffMsMax,
  factor: 2,
  jitter: 0,
  resetAfterMs: Number.POSITIVE_INFINITY,
};
