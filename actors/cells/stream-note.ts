/** StreamNote: what a stream cell tells its supervisor. */

import type { CellSnapshot } from "../epochs/cell-snapshot.ts";
import type { StateAnswer } from "../state/state-query.ts";
import type { StreamCellStats } from "./stream-cell-stats.ts";

export type StreamNote =
  | { readonly kind: "ended"; readonly stats: StreamCellStats }
  | { readonly kind: "stats"; readonly stats: StreamCellStats }
  /** Events came again after the end, so that it is no end: the cell has to start over, and waits for that. */
  | { readonly kind: "replayed" }
  | SnapshotNote
  /** The answer to a query: entries of state, encoded, or why there are none. */
  | { readonly kind: "answer"; readonly id: number; readonly answer: StateAnswer }
  /** There are many dead letters in this epoch: it should end soon. */
  | { readonly kind: "many-letters" }
  /** What its outboxes keep until a checkpoint is complete, in bytes. */
  | { readonly kind: "retained"; readonly bytes: number };

export interface SnapshotNote {
  readonly kind: "snapshot";
  readonly snapshot: CellSnapshot;
  /** How long its inputs waited for the last of them to deliver the barrier. */
  readonly alignmentMs: number;
  /** By operator name: what it has counted up to the barrier. */
  readonly counters: StreamCellStats["operators"];
}
