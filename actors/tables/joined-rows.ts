/**
 * JoinedRows: what a join of two tables shows of one key of the right table: its row, or none, and the rows of the left table
 * that refer to it. A join by the key of both tables is the same with at most one row on the left.
 *
 * Invariants
 *  J1  `inner`: pairs; `left`: also rows of the left alone; `right`: also a row of the right that none of the left refers to;
 *      `full`: both.
 *  J2  a row on the right that has found a partner is not shown alone.
 */

import type { Key } from "../batch.ts";
import type { JoinType } from "../joins/join-type.ts";
import { type Change, changeBetween } from "./change.ts";

export interface JoinedRowsOptions<L, R, U> {
  readonly type: JoinType;
  /** What is shown of a pair; undefined for nothing. */
  readonly result: (left: L | undefined, right: R | undefined) => U | undefined;
  /** The key of what is shown of a row on the left, with or without its partner. */
  readonly keyOfLeft: (left: Key) => Key;
  /** The key of what is shown of a row on the right alone; may be one of those above. */
  readonly keyOfRight: (right: Key) => Key;
}

/** A row, of a key of the right table, as it was and as it is; undefined for none. */
export interface Replaced<R> {
  readonly key: Key;
  readonly before: R | undefined;
  readonly after: R | undefined;
}

/** What is shown differently when a row on the left changes. `lefts` are the rows before. Throws what `result` throws. */
export function leftReplaced<L, R, U>(
  options: JoinedRowsOptions<L, R, U>,
  { key, before, after }: Replaced<L>,
  right: { readonly key: Key; readonly row: R | undefined; readonly leftCount: number },
): readonly Change<U>[] {
  const countAfter = right.leftCount + (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
  const shownBefore = new Map<Key, U>();
  const shownAfter = new Map<Key, U>();
  show(options, shownBefore, key, before, right.row);
  show(options, shownAfter, key, after, right.row);
  if (right.leftCount === 0) showAlone(options, shownBefore, right.key, right.row);
  if (countAfter === 0) showAlone(options, shownAfter, right.key, right.row);
  return differences(shownBefore, shownAfter);
}

/** What is shown differently when the row on the right changes. Throws what `result` throws. */
export function rightReplaced<L, R, U>(
  options: JoinedRowsOptions<L, R, U>,
  lefts: ReadonlyMap<Key, L>,
  { key, before, after }: Replaced<R>,
): readonly Change<U>[] {
  const shownBefore = new Map<Key, U>();
  const shownAfter = new Map<Key, U>();
  for (const [leftKey, left] of lefts) {
    show(options, shownBefore, leftKey, left, before);
    show(options, shownAfter, leftKey, left, after);
  }
  if (lefts.size === 0) {
    showAlone(options, shownBefore, key, before);
    showAlone(options, shownAfter, key, after);
  }
  return differences(shownBefore, shownAfter);
}

/** J1 */
function show<L, R, U>(
  { type, result, keyOfLeft }: JoinedRowsOptions<L, R, U>,
  shown: Map<Key, U>,
  key: Key,
  left: L | undefined,
  right: R | undefined,
): void {
  if (left === undefined) return;
  if (right === undefined && type !== "left" && type !== "full") return;
  const made = result(left, right);
  if (made !== undefined) shown.set(keyOfLeft(key), made);
}

/** J2 */
function showAlone<L, R, U>(
  { type, result, keyOfRight }: JoinedRowsOptions<L, R, U>,
  shown: Map<Key, U>,
  key: Key,
  right: R | undefined,
): void {
  if (right === undefined || (type !== "right" && type !== "full")) return;
  const made = result(undefined, right);
  if (made !== undefined) shown.set(keyOfRight(key), made);
}

function differences<U>(before: ReadonlyMap<Key, U>, after: ReadonlyMap<Key, U>): readonly Change<U>[] {
  const changes: Change<U>[] = [];
  for (const [key, row] of before) {
    const change = changeBetween(key, row, after.get(key));
    if (change !== undefined) changes.push(change);
  }
  for (const [key, row] of after) if (!before.has(key)) changes.push({ kind: "insert", key, after: row });
  return changes;
}
