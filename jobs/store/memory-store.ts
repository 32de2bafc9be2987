/** MemoryStore: checkpoints in memory. What fails within the process is survived; the process is not. */

import type { CellRestore } from "../../actors/index.ts";
import { CheckpointLog } from "./checkpoint-log.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";

export class MemoryStore implements CheckpointStore {
  readonly place = "memory";
  readonly durable: boolean = false;
  readonly #log = new CheckpointLog();

  get epoch(): number {
    return this.#log.epoch;
  }

  restoreOf(cell: string): CellRestore | undefined {
    return this.#log.restoreOf(cell);
  }

  async commit({ epoch, snapshots }: Checkpoint): Promise<void> {
    this.#log.apply(this.#log.changeOf(epoch, snapshots));
  }

  async close(): Promise<void> {}
}
