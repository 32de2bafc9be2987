/**
 * CellSnapshot: what a cell is at a barrier: what changed in the state of its operators since the snapshot before, where
 * its source stands, which of its inputs have ended. State is encoded at the barrier, so that nothing later changes it.
 */

import type { LetterPost } from "../letters/cell-letters.ts";
import type { ChannelWatermark } from "../time/input-watermarks.ts";

/** Encoded state entries, by operator name; operators whose state has not changed are absent. */
export type StateDeltas = Readonly<Record<string, Uint8Array>>;

export interface CellSnapshot {
  readonly epoch: number;
  readonly deltas: StateDeltas;
  /** Of a replayable source; undefined for every other cell. */
  readonly position: unknown;
  /** Channels that have delivered their end. */
  readonly endedInputs: readonly number[];
  /** How far event time had come on each channel. */
  readonly watermarks: readonly ChannelWatermark[];
  /** Whether the cell has given its last results. */
  readonly ended: boolean;
  /** The stage from which on the cell gives its last results again, because dead letters were resubmitted to it. */
  readonly reopenedAt: number | undefined;
  /** Encoded rows for the tables of the job's storage, by the name of their sink; written with the checkpoint. */
  readonly rows: Readonly<Record<string, Uint8Array>>;
  /** Whether a sink has prepared something that is not committed yet. */
  readonly uncommitted: boolean;
  /** What was given up since the snapshot before; told when the checkpoint is complete. */
  readonly deadLetters: LetterPost | undefined;
  /** Ids of the dead letters that were given to their operators again since then. */
  readonly resubmitted: readonly string[];
}

/** What a cell starts from: a complete checkpoint. */
export interface CellRestore {
  readonly epoch: number;
  /** By operator name, oldest first. */
  readonly deltas: Readonly<Record<string, readonly Uint8Array[]>>;
  readonly position: unknown;
  readonly endedInputs: readonly number[];
  readonly watermarks: readonly ChannelWatermark[];
  readonly ended: boolean;
  readonly reopenedAt: number | undefined;
}
