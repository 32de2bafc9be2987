/** JoinType: which events of the two sides a join gives results for. */

import { OptionError } from "../../runtime/index.ts";

/**
 * "inner": only for those that have a partner. "left", "right": also for those of that side that have none. "full": for all.
 */
export type JoinType = "inner" | "left" | "right" | "full";

/** Which input of a join: 0 is the left one, 1 the right one. */
export type JoinSide = 0 | 1;

const types: readonly unknown[] = ["inner", "left", "right", "full"];

/** @throws ERR_RT_OPTION */
export function checkJoinType(path: string, type: unknown): asserts type is JoinType {
  if (!types.includes(type)) throw new OptionError(path, type, '"inner", "left", "right" or "full"');
}

/** Whether events of a side that have no partner have a result. */
export function keepsUnmatched(type: JoinType, side: JoinSide): boolean {
  return type === "full" || type === (side === 0 ? "left" : "right");
}
