/** StreamCellSpec: everything a stream cell is made from. */

import type { Address, Services } from "../../runtime/index.ts";
import type { Retention } from "../channels/outbox.ts";
import type { OutputEdgeSpec } from "../channels/output-edge.ts";
import type { Alignment } from "../epochs/barrier-aligner.ts";
import type { CellRestore } from "../epochs/cell-snapshot.ts";
import type { LetterBounds } from "../letters/cell-letters.ts";
import type { RetentionLimits } from "./cell-retention.ts";
import type { InputSpec } from "./inputs-head.ts";
import type { SourceHeadSpec } from "./source-head.ts";
import type { StageSpec } from "./stage-spec.ts";

/** Everything a stream cell is made from. */
export interface StreamCellSpec {
  readonly job: string;
  readonly instance: number;
  readonly parallelism: number;
  readonly source: SourceNodeSpec | undefined;
  /** The operators of the chain, the source not among them. */
  readonly stages: readonly StageSpec[];
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly StreamOutputSpec[];
  /** True for a cell that had ended before its thread was lost: it tells the end again, and answers messages. */
  readonly ended: boolean;
  /**
   * For a cell whose input has ended, and that is to take dead letters all the same: the stage from which on it gives its
   * last results again.
   */
  readonly reopenedAt: number | undefined;
  /** Whether there are dead letters for it to take before it may end. */
  readonly awaitsLetters: boolean;
  readonly letterBounds: LetterBounds;
  /** Of those channels whose ends do not start over together. */
  readonly retention: Exclude<Retention, "with-receiver">;
  /** Bounds of what the outboxes keep; without retention they keep nothing. */
  readonly retentionLimits: RetentionLimits;
  readonly alignment: Alignment;
  /** The checkpoint to start from; undefined at the start of the job. */
  readonly restore: CellRestore | undefined;
  readonly creditEvents: number;
  /** How long results wait for a fuller batch while there is more to do, in ms. */
  readonly lingerMs: number;
  readonly services: Services;
  /** Called once, when the cell has stopped. */
  readonly onStopped: () => void | Promise<void>;
}

export interface SourceNodeSpec extends Omit<SourceHeadSpec, "alignment"> {
  readonly name: string;
  readonly address: Address;
}

export interface StreamOutputSpec extends OutputEdgeSpec {
  /** Index in `stages` of the operator that emits; -1 for the source. */
  readonly stage: number;
  /** Which of its outputs; dead letters leave on the one behind the last. */
  readonly outputIndex: number;
}
