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

/** What a cell is, besides the state of its operators. */
export type CellStanding = Pick<CellSnapshot, "position" | "endedInputs" | "watermarks" | "ended" | "reopenedAt">;

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
  /** Where a cell stands in it; undefined before the first. */
  standingOf(cell: string): Omit<CellRestore, "deltas"> | undefined;
  /**
   * What a cell starts from; undefined before the first checkpoint. Its deltas are the caller's, each in a buffer of its own.
   *
   * @throws ERR_JOB_STORAGE, ERR_JOB_STORAGE_DAMAGED when it cannot be read any more
   */
  restoreOf(cell: string): CellRestore | undefined;
  /**
   * Makes a checkpoint; resolves when it is durable. When it rejects the one before stays, and the same
   * epoch may be given again.
   */
  commit(checkpoint: Checkpoint): Promise<void>;
  /** How savepoints are taken that people ask for by the storage, from another process. Where they cannot it does nothing. */
  answerSavepointsBy(take: (name: string) => Promise<unknown>): void;
  /** Throws what a savepoint of that name would be refused with: ERR_RT_OPTION, ERR_JOB_SAVEPOINT_TAKEN, ERR_JOB_SAVEPOINT. */
  checkSavepoint(name: string): void;
  /**
   * Keeps the last complete checkpoint, as it is now, under a name. Resolves to its place when it is durable; rejects as
   * `checkSavepoint` throws, and with ERR_JOB_STORAGE.
   */
  savepoint(name: string): Promise<string>;
  /** Resolves when what was being written is written, and the store can be opened by others. */
  close(): Promise<void>;
}

/** What each cell is at the end of an epoch. */
export function standingsOf(snapshots: EpochSnapshots): ReadonlyMap<string, CellStanding> {
  const standings = new Map<string, CellStanding>();
  for (const [cell, parts] of snapshots) {
    for (const { position, endedInputs, watermarks, ended, reopenedAt } of parts) {
      standings.set(cell, { position, endedInputs, watermarks, ended, reopenedAt });
    }
  }
  return standings;
}

/** What changed in the state of each operator of each cell, oldest first. */
export function* deltasOf(
  snapshots: EpochSnapshots,
): Generator<{ readonly cell: string; readonly operator: string; readonly bytes: Uint8Array }> {
  for (const [cell, parts] of snapshots) {
    for (const { deltas } of parts) {
      for (const [operator, bytes] of Object.entries(deltas)) yield { cell, operator, bytes };
    }
  }
}

/** Deltas that are kept, for a caller that may hand them to another thread. */
export function copiesOf(deltas: readonly Uint8Array[]): readonly Uint8Array[] {
  return deltas.map((bytes) => new Uint8Array(bytes));
}
