/**
 * Change: what happened to one row of a table. A table is the sum of its changes: per primary key they are an insert, any
 * number of updates and a delete, over and over.
 *
 * Invariants, of the changes of one key, in order
 *  T1  an insert comes first or behind a delete, an update or a delete behind an insert or an update.
 *  T2  `before` is what the change before said in `after`.
 */

import { isDeepStrictEqual } from "node:util";
import { MillraceError, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { checkKey } from "../groupings/key-hash.ts";

/** `R` is what a row is: anything but null and undefined, which stand for no row. */
export type Change<R = unknown, K extends Key = Key> =
  | { readonly kind: "insert"; readonly key: K; readonly after: R }
  | { readonly kind: "update"; readonly key: K; readonly before: R; readonly after: R }
  | { readonly kind: "delete"; readonly key: K; readonly before: R };

/** An event that should be the change of a table and is none. */
export class ChangeError extends MillraceError {
  readonly code = "ERR_ACT_CHANGE";
}

/** The change from one row of a key to another, where undefined is no row; undefined when both say the same. */
export function changeBetween<R, K extends Key>(
  key: K,
  before: R | undefined,
  after: R | undefined,
): Change<R, K> | undefined {
  if (before === after) return undefined;
  if (before === undefined) return { kind: "insert", key, after: after as R };
  if (after === undefined) return { kind: "delete", key, before };
  return isSame(before, after) ? undefined : { kind: "update", key, before, after };
}

/**
 * As `isDeepStrictEqual`, which costs more than all else that is done with a change: most rows differ in a field that is no object, and no
 * more has to be looked at then.
 */
function isSame(before: unknown, after: unknown): boolean {
  if (isObject(before) && isObject(after)) {
    for (const name in before) {
      const one = before[name];
      const other = after[name];
      if (one === other || (isObject(one) && isObject(other)) || Object.is(one, other)) continue;
      // What is inherited is not compared.
      if (Object.hasOwn(before, name)) return false;
    }
  }
  return isDeepStrictEqual(before, after);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** The row before a change; undefined for none. */
export function rowBefore<R>(change: Change<R>): R | undefined {
  return change.kind === "insert" ? undefined : change.before;
}

/** The row behind a change; undefined for none. */
export function rowAfter<R>(change: Change<R>): R | undefined {
  return change.kind === "delete" ? undefined : change.after;
}

/**
 * Refuses what is no change. What it says of the row before is not looked at.
 *
 * @throws ERR_ACT_CHANGE, ERR_ACT_KEY
 */
export function checkChange(operator: string, event: unknown): asserts event is Change {
  const { kind, key, after } = (event ?? {}) as Record<string, unknown>;
  const isKnown = kind === "insert" || kind === "update" || kind === "delete";
  const hasRow = kind === "delete" || (after !== undefined && after !== null);
  if (!isKnown || !hasRow) {
    throw new ChangeError(
      `operator ${JSON.stringify(operator)}: expected a change { kind: "insert" | "update" | "delete", key, before, after } ` +
        `with a row in \`after\`, unless it is a delete; got ${printValue(event)}`,
      { details: { operator } },
    );
  }
  checkKey(`operator ${JSON.stringify(operator)}: key of a change`, key);
}
