/** faultyStore: a store as it is, whose next checkpoints cannot be written, or only slowly. */

import type { Clock } from "../../runtime/index.ts";
import type { Checkpoint, CheckpointStore } from "../store/checkpoint-store.ts";

export class StoreFaults {
  readonly #clock: Clock;
  #failures = 0;
  #slowMs = 0;
  #slowUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  failWrites(count: number): void {
    this.#failures += count;
  }

  slow(delayMs: number, forMs: number): void {
    this.#slowMs = delayMs;
    this.#slowUntilMs = this.#clock.monotonicMs() + forMs;
  }

  /** Resolves when the next write may go on; rejects when it fails. */
  async beforeWrite(): Promise<void> {
    if (this.#clock.monotonicMs() < this.#slowUntilMs) {
      await new Promise<void>((resolve) => this.#clock.after(this.#slowMs, resolve));
    }
    if (this.#failures === 0) return;
    this.#failures -= 1;
    throw new Error("no space left on the disk, as planned");
  }
}

export function faultyStore(store: CheckpointStore, faults: StoreFaults): CheckpointStore {
  const commit = async (checkpoint: Checkpoint): Promise<void> => {
    await faults.beforeWrite();
    await store.commit(checkpoint);
  };
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = name === "commit" ? commit : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
