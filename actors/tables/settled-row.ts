/**
 * SettledRow: one row of a table whose changes were worked out elsewhere, by whoever had the group that the row was in. When a
 * row moves to another group, what the old and the new one say of it comes in any order; here it is put in order again.
 *
 * Of several groups that show a row, the one that came last is believed; what others showed before is forgotten when they take
 * it back. What is shown in the end is what the last group shows, whatever the order was; meanwhile it may be an earlier one.
 *
 * Invariant
 *  E1  T1 and T2 hold for what comes out, if they hold for what each group says.
 */

import type { Key } from "../batch.ts";
import { type Change, changeBetween, rowAfter } from "./change.ts";

/** What each group shows of a row, in the order in which they came to show it. */
export interface ShownByGroup {
  all(): ReadonlyMap<Key, unknown>;
  set(group: Key, row: unknown): void;
  delete(group: Key): boolean;
}

/** Takes in what a group says of a row. Returns what that changes. */
export function settle(shown: ShownByGroup, group: Key, change: Change): Change | undefined {
  const before = lastOf(shown.all());
  const after = rowAfter(change);
  if (after === undefined) shown.delete(group);
  else shown.set(group, after);
  return changeBetween(change.key, before, lastOf(shown.all()));
}

function lastOf(rows: ReadonlyMap<Key, unknown>): unknown {
  let last: unknown;
  for (const row of rows.values()) last = row;
  return last;
}
