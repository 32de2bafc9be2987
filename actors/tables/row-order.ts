/**
 * RowOrder: which of two rows comes first, by a function of the author; rows that it takes for equal come in the order of their
 * arrival.
 */

import { MillraceError, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";

/** As for sorting an array: negative when `left` comes first, positive when `right` does, 0 when they are tied. */
export type CompareRows<R> = (left: R, right: R) => number;

/** A function that puts rows in order returned nothing that says so. */
export class RowOrderError extends MillraceError {
  readonly code = "ERR_ACT_ROW_ORDER";
}

/** A function of the author that throws ERR_ACT_ROW_ORDER where it would return NaN or no number. */
export function checkedOrder<R>(what: string, compare: CompareRows<R>): CompareRows<R> {
  return (left, right) => {
    const result: unknown = compare(left, right);
    if (typeof result === "number" && !Number.isNaN(result)) return result;
    throw new RowOrderError(
      `${what}: expected a number from the function that compares rows, got ${printValue(result)} for ${printValue(left)} and ` +
        printValue(right),
      { details: { what } },
    );
  };
}

/** An order of keys: numbers of either type by value, texts by their code units; numbers come before texts before booleans. */
export function compareKeys(left: Key, right: Key): number {
  const difference = rankOf(left) - rankOf(right);
  if (difference !== 0) return difference;
  if (left === right) return 0;
  if (left < right) return -1;
  // 1 and 1n are not the same key.
  return left > right ? 1 : typeof left < typeof right ? -1 : 1;
}

function rankOf(key: Key): number {
  if (typeof key === "string") return 1;
  return typeof key === "boolean" ? 2 : 0;
}
