/** MemoryStore: checkpoints in memory. What fails within the process is survived; the process is not. */

import type { CellRestore } from "../../actors/index.ts";
import { LetterBox } from "../letters/letter-box.ts";
import { deadLettersKeptDefault } from "../limits.ts";
import type { AdoptedCell } from "../upgrade/adopted-checkpoint.ts";
import { CheckpointLog } from "./checkpoint-log.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import { SavepointError } from "./savepoint-error.ts";

/** A checkpoint that goes from one store into another. */
export interface MovingCheckpoint {
  readonly epoch: number;
  readonly cells: ReadonlyMap<string, AdoptedCell>;
}

export class MemoryStore implements CheckpointStore {
  readonly place: string = "memory";
  readonly durable: boolean = false;
  readonly letters: LetterBox;
  readonly #deltasPerTier: number | undefined;
  #log: CheckpointLog;

  /** @param deltasPerTier as of `mergedFrom` */
  constructor(letters = new LetterBox(deadLettersKeptDefault), deltasPerTier?: number) {
    this.letters = letters;
    this.#deltasPerTier = deltasPerTier;
    this.#log = new CheckpointLog(deltasPerTier);
  }

  get epoch(): number {
    return this.#log.epoch;
  }

  /** Of all deltas that are kept. */
  get stateBytes(): number {
    return this.#log.bytes;
  }

  standingOf(cell: string): Omit<CellRestore, "deltas"> | undefined {
    return this.#log.standingOf(cell);
  }

  restoreOf(cell: string): CellRestore | undefined {
    return this.#log.restoreOf(cell);
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    const letters = this.letters.changeOf(checkpoint.snapshots);
    this.#log.commit(checkpoint);
    this.letters.apply(letters);
  }

  /** All of the last checkpoint, by cell. */
  whole(): MovingCheckpoint {
    return { epoch: this.#log.epoch, cells: this.#log.whole() };
  }

  /** Holds a checkpoint of another store in the place of its own. */
  beginWith({ epoch, cells }: MovingCheckpoint): void {
    this.#log.beginWith(epoch, cells);
  }

  /** Forgets it. */
  clear(): void {
    this.#log = new CheckpointLog(this.#deltasPerTier);
  }

  answerSavepointsBy(): void {}

  checkSavepoint(): void {
    throw new SavepointError("checkpoints in memory are not kept under a name");
  }

  async savepoint(): Promise<string> {
    throw new SavepointError("checkpoints in memory are not kept under a name");
  }

  async close(): Promise<void> {}
}
