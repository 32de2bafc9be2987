/**
 * PatientCommit: writes checkpoints to a store that may fail for a while: a full disk, say. One at a time; each is tried again,
 * after waits that grow, and given up after `storeAttemptsMax` attempts.
 */

import { StateTooLargeError } from "../../actors/index.ts";
import { Backoff, type Clock, mutated } from "../../runtime/index.ts";
import { storeAttemptsMax, storeBackoffMsMax, storeBackoffMsMin } from "../limits.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import { StorageError } from "./storage-error.ts";

export class PatientCommit {
  readonly #store: CheckpointStore;
  readonly #clock: Clock;
  readonly #onRetry: (epoch: number, attempt: number, error: unknown) => void;
  /** Ends the wait for the next attempt. */
  #endWait: () => void = () => undefined;
  #stopped = false;

  /** @param onRetry called when an attempt has failed that is not the last */
  constructor(store: CheckpointStore, clock: Clock, onRetry: (epoch: number, attempt: number, error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onRetry = onRetry;
  }

  /**
   * Writes a checkpoint. Resolves with true when it is durable, with false when it was given up because of `stop`.
   *
   * @throws ERR_JOB_STORAGE when the last attempt has failed; the checkpoint before stays
   */
  write(checkpoint: Checkpoint): Promise<boolean> {
    const outcome = Promise.withResolvers<boolean>();
    this.#attempt(checkpoint, 1, new Backoff(backoffSettings), outcome);
    return outcome.promise;
  }

  /** Nothing is tried again any more. */
  stop(): void {
    this.#stopped = true;
    this.#endWait();
  }

  #attempt(
    checkpoint: Checkpoint,
    attempt: number,
    backoff: Backoff,
    outcome: Pick<PromiseWithResolvers<boolean>, "resolve" | "reject">,
  ): void {
    const onFailed = (error: unknown) => {
      if (this.#stopped) return outcome.resolve(false);
      if (mutated("coordinator.completes-unwritten")) return outcome.resolve(true);
      // State does not become smaller by waiting.
      if (attempt === storeAttemptsMax || error instanceof StateTooLargeError) {
        return outcome.reject(this.#failure(checkpoint.epoch, attempt, error));
      }
      this.#onRetry(checkpoint.epoch, attempt, error);
      const delayMs = backoff.next(this.#clock.monotonicMs(), 0.5);
      const cancel = this.#clock.after(delayMs, () => this.#attempt(checkpoint, attempt + 1, backoff, outcome));
      this.#endWait = () => {
        cancel();
        outcome.resolve(false);
      };
    };
    this.#store.commit(checkpoint).then(() => outcome.resolve(true), onFailed);
  }

  #failure(epoch: number, attempts: number, cause: unknown): StorageError {
    const { place, epoch: lastEpoch } = this.#store;
    const stays = lastEpoch === 0 ? "there is none before" : `that of epoch ${lastEpoch} stays`;
    const why = cause instanceof Error ? cause.message : String(cause);
    return new StorageError(
      `the checkpoint of epoch ${epoch} could not be written to ${place} in ${attempts} attempts; ${stays}: ${why}`,
      { cause, details: { place, epoch, attempts, lastEpoch } },
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
