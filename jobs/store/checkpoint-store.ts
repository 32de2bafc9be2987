/**
 * Seam: where the checkpoints of one run are kept. In memory (memory-store.ts), so that operators and threads may fail; or
 * in a file (sqlite-store.ts), so that the process may, too.
 *
 * Invariants
 *  C1  epochs increase.
 *  C2  what `restoreOf` returns is of one epoch: state, positions and ended inputs together.
 *  C3  a commit is the decision: before its promise resolves the store tells of the checkpoint before, after that of the
 *      new one, and nothing ever tells of a mix (P7).
 */

import type { CellRestore, CellSnapshot } from "../../actors/index.ts";
import type { LetterBox } from "../letters/letter-box.ts";

/** The snapshots of all cells, by cell, oldest first for each. */
export type EpochSnapshots = ReadonlyMap<string, readonly CellSnapshot[]>;

/** What becomes a checkpoint, in one step. */
export interface Checkpoint {
  readonly epoch: number;
  readonly snapshots: EpochSnapshots;
}

export interface CheckpointStore {
  /** Where the checkpoints are, for errors. */
  readonly place: string;
  /** Whether they outlive the process. */
  readonly durable: boolean;
  /** The last complete one; 0 before the first. */
  readonly epoch: number;
  /** The dead letters that are part of it. */
  readonly letters: LetterBox;
  /** What a cell starts from; undefined before the first checkpoint. */
  restoreOf(cell: string): CellRestore | undefined;
  /**
   * Makes a checkpoint; resolves when it is durable. When it rejects the one before stays, and the same
   * epoch may be given again.
   */
  commit(checkpoint: Checkpoint): Promise<void>;
  /** Resolves when what was being written is written, and the store can be opened by others. */
  close(): Promise<void>;
}
