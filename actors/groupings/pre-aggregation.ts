/**
 * PreAggregation: how the events of one key, or all events without keys, can be put together before they are sent to the operator that
 * aggregates them, so that it is sent an accumulator of many in their place. Said by that operator; carried out at the sender
 * (folded-events.ts, and paned-folds.ts where there are panes).
 *
 * Law
 *  F1  what the operator makes of an accumulator is what it would make of its events one by one, wherever one ends and the next begins.
 *      Sums of numbers are rounded in another order, as they are by another parallelism.
 */

import { OptionError } from "../../runtime/index.ts";
import type { Aggregate } from "../aggregates/aggregate.ts";
import type { Window } from "../windows/aligned-windows.ts";

export interface PreAggregation {
  readonly aggregate: Pick<Aggregate<unknown, unknown, unknown>, "create" | "add">;
  /** Events with times in one pane go together; undefined where all do, with and without a time. */
  readonly panes: (() => Panes) | undefined;
  /** Whether the operator tells nothing before its input ends, so that nobody sees when it was sent what. */
  readonly isToldAtEnd: boolean;
}

/** A cut of event time into panes. */
export interface Panes {
  at(time: number): Window;
}

/** Throws ERR_RT_OPTION for what does not say whether events may be put together. */
export function checkPreAggregate(operator: string, preAggregate: unknown): void {
  if (preAggregate === undefined || typeof preAggregate === "boolean") return;
  throw new OptionError(`${operator}: preAggregate`, preAggregate, "true or false");
}

/** Times that a `Date` can hold. */
const timeMax = 8.64e15;

/** Whether it is one that events can have. Compared with numbers alone, or V8 would make an object of each to compare it with undefined. */
export function isTime(time: number | undefined): time is number {
  return time! >= -timeMax && time! <= timeMax;
}
