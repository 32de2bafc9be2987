/** stageChanges: what the operators of a cell add to its snapshot. */

import type { CellSnapshot } from "../epochs/cell-snapshot.ts";
import { snapshotBytesMax } from "../limits.ts";
import type { OperatorStage } from "./operator-stage.ts";

/** Throws ERR_ACT_OPERATOR_FAILED. */
export function stageChanges(
  stages: readonly OperatorStage[],
  epoch: number,
): Pick<CellSnapshot, "deltas" | "rows" | "uncommitted"> {
  const deltas: Record<string, Uint8Array> = {};
  const rows: Record<string, Uint8Array> = {};
  let bytesLeft = snapshotBytesMax;
  for (const stage of stages) {
    const { name } = stage.spec;
    const delta = stage.snapshot(epoch, bytesLeft);
    if (delta !== undefined) {
      deltas[name] = delta;
      bytesLeft -= delta.byteLength;
    }
    const taken = stage.logic.takeRows?.();
    if (taken !== undefined) rows[name] = taken;
  }
  return { deltas, rows, uncommitted: stages.some(({ logic }) => logic.hasUncommitted?.() ?? false) };
}
