/**
 * MemoryFirstStore: the checkpoints of a run without `storage`: in memory, where a small state costs nothing; in a temporary file
 * from then on when the state has outgrown that, so that main neither holds it nor stands still to merge it.
 *
 * Invariant
 *  M1  memory holds no more than `memoryStateBytesMax` and what one epoch adds: the checkpoint behind goes to the file, or
 *      fails. No checkpoint is in both, as far as anybody is told (C3).
 *
 * The file is opened while the next epoch is on its way: that takes a thread, and some tenths of a second.
 */

import type { CellRestore } from "../../actors/index.ts";
import type { Logger } from "../../runtime/index.ts";
import type { LetterBox } from "../letters/letter-box.ts";
import { memoryStateBytesMax } from "../limits.ts";
import type { Checkpoint, CheckpointStore } from "./checkpoint-store.ts";
import { MemoryStore, type MovingCheckpoint } from "./memory-store.ts";

/** A store that ends with the run. */
export interface TemporaryStore extends CheckpointStore {
  /** Its first checkpoint is the one behind `last`, and holds all of it. Called once, before that. */
  takeOn(last: MovingCheckpoint): void;
}

/** Opens the file. Rejects with ERR_JOB_STORAGE. */
export type OpenTemporary = () => Promise<TemporaryStore>;

export class MemoryFirstStore implements CheckpointStore {
  readonly durable = false;
  readonly letters: LetterBox;
  readonly #openTemporary: OpenTemporary;
  readonly #logger: Logger;
  readonly #bytesMax: number;
  readonly #memory: MemoryStore;
  /** Memory until the first checkpoint in the file is complete. */
  #store: CheckpointStore;
  #opening: Promise<TemporaryStore> | undefined;
  /** It has taken on the last checkpoint of memory. */
  #temporary: TemporaryStore | undefined;

  constructor(letters: LetterBox, logger: Logger, openTemporary: OpenTemporary, bytesMax = memoryStateBytesMax) {
    this.letters = letters;
    this.#logger = logger;
    this.#openTemporary = openTemporary;
    this.#bytesMax = bytesMax;
    this.#memory = new MemoryStore(letters);
    this.#store = this.#memory;
  }

  get place(): string {
    return this.#store.place;
  }

  get epoch(): number {
    return this.#store.epoch;
  }

  standingOf(cell: string): Omit<CellRestore, "deltas"> | undefined {
    return this.#store.standingOf(cell);
  }

  restoreOf(cell: string): CellRestore | undefined {
    return this.#store.restoreOf(cell);
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    if (this.#isOutgrown) return this.#moveOut(checkpoint);
    await this.#store.commit(checkpoint);
    // Whether that fails is for the checkpoint to hear that needs it; it tries again.
    if (this.#isOutgrown) this.#open().catch(() => undefined);
  }

  answerSavepointsBy(): void {}

  checkSavepoint(): void {
    this.#memory.checkSavepoint();
  }

  savepoint(): Promise<string> {
    return this.#memory.savepoint();
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.close();
  }

  get #isOutgrown(): boolean {
    return this.#store === this.#memory && this.#memory.stateBytes > this.#bytesMax;
  }

  #open(): Promise<TemporaryStore> {
    this.#opening ??= this.#openTemporary().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** M1 */
  async #moveOut(checkpoint: Checkpoint): Promise<void> {
    if (this.#temporary === undefined) {
      const opened = await this.#open();
      opened.takeOn(this.#memory.whole());
      this.#temporary = opened;
    }
    await this.#temporary.commit(checkpoint);
    this.#store = this.#temporary;
    const what = { stateBytes: this.#memory.stateBytes, bytesMax: this.#bytesMax, place: this.place };
    this.#memory.clear();
    this.#logger.log("info", "state has outgrown memory: checkpoints are kept in a temporary file from now on", what);
  }
}
