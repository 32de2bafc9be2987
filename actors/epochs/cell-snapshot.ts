/**
 * CellSnapshot: what a cell is at a barrier: what changed in the state of its operators since the snapshot before, where
 * its source stands, which of its inputs have ended. State is encoded at the barrier, so that nothing later changes it.
 */

import type { DeadLetterPost } from "../../runtime/index.ts";

/** Encoded state entries, by operator name; operators whose state has not changed are absent. */
export type StateDeltas = Readonly<Record<string, Uint8Array>>;

export interface CellSnapshot {
  readonly epoch: number;
  readonly deltas: StateDeltas;
  /** Of a replayable source; undefined for every other cell. */
  readonly position: unknown;
  /** Channels that have delivered their end. */
  readonly endedInputs: readonly number[];
  /** Whether the cell has given its last results. */
  readonly ended: boolean;
  /** Whether a sink has prepared something that is not committed yet. */
  readonly uncommitted: boolean;
  /** Events given up since the snapshot before; published when the checkpoint is complete. */
  readonly deadLetters: DeadLetterPost | undefined;
}

/** What a cell starts from: a complete checkpoint. */
export interface CellRestore {
  readonly epoch: number;
  /** By operator name, oldest first. */
  readonly deltas: Readonly<Record<string, readonly Uint8Array[]>>;
  readonly position: unknown;
  readonly endedInputs: readonly number[];
  readonly ended: boolean;
}
