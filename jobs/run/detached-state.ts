/**
 * DetachedState: what a cell starts from, with the state of its operators apart, so that state of any size reaches a thread, and
 * is handed over, not copied: as attachments.
 *
 * Invariant
 *  S1  the attachments are the deltas, operator by operator, in the order in which they are counted.
 */

import type { CellRestore } from "../../actors/index.ts";
import { assert } from "../../runtime/index.ts";

/** Plain data of bounded size. */
export interface DetachedRestore extends Omit<CellRestore, "deltas"> {
  readonly deltaCounts: readonly (readonly [operator: string, deltaCount: number])[];
}

export function detachedState(
  restore: CellRestore | undefined,
): readonly [DetachedRestore | undefined, attachments: readonly Uint8Array[]] {
  if (restore === undefined) return [undefined, []];
  const { deltas, ...standing } = restore;
  const byOperator = Object.entries(deltas);
  const deltaCounts = byOperator.map(([operator, kept]) => [operator, kept.length] as const);
  return [{ ...standing, deltaCounts }, byOperator.flatMap(([, kept]) => kept)];
}

/** What `detachedState` was given. */
export function attachedState(
  restore: DetachedRestore | undefined,
  attachments: readonly Uint8Array[],
): CellRestore | undefined {
  if (restore === undefined) return undefined;
  const { deltaCounts, ...standing } = restore;
  const deltas: Record<string, readonly Uint8Array[]> = {};
  let next = 0;
  for (const [operator, count] of deltaCounts) {
    deltas[operator] = attachments.slice(next, next + count);
    next += count;
  }
  assert(next === attachments.length, "S1: every delta arrives, and nothing else");
  return { ...standing, deltas };
}
