/** Options that the methods of tables take. */

import type { AsOfDirection, CompareRows, JoinType, Key, Ranking, TimeDomain } from "../actors/index.ts";
import type { Duration } from "../runtime/index.ts";
import type { OperatorOptions } from "./operator-options.ts";

/** Of what keeps no rows, and has as many instances as the table that it stands behind. */
export type RowOptions = Omit<OperatorOptions, "parallelism">;

/** How long rows live that are not written any more. */
export interface TableLifeOptions extends OperatorOptions {
  /** So long behind the last event of its key a row is deleted, as by an event. Default: never. */
  readonly ttl?: Duration;
  /** Whether the time is that of the wall clock ("processing", the default), or event time. */
  readonly ttlTime?: TimeDomain;
}

export interface AsTableOptions<T, R> extends TableLifeOptions {
  /** The row that an event says there is; null and undefined for none. Default: the event itself. */
  readonly row?: (event: T) => R | null | undefined;
}

export interface TopOptions<R> extends OperatorOptions {
  /** Which of two rows comes first, as for sorting an array. */
  readonly order: CompareRows<R>;
  /**
   * How tied rows are numbered: in the order in which they came ("row-number", the default), or all with one rank, behind which
   * comes the next that is left ("rank": 1, 1, 3) or the next one ("dense-rank": 1, 1, 2).
   */
  readonly ranking?: Ranking;
  /** Ranks to leave out before the first that is shown. Default 0. */
  readonly offset?: number;
}

/** ... with rows that say their rank, or whatever else is to be shown. */
export interface RankedOptions<R, U> extends TopOptions<R> {
  /** What is shown of a row; ranks start at 1. Null and undefined for nothing. Default: the row. */
  readonly result: (row: R, rank: number) => U | null | undefined;
}

export interface DistinctOptions<R> extends OperatorOptions {
  /** Which of two rows comes first, as for sorting an array. Default: the one that came first. */
  readonly order?: CompareRows<R>;
}

/** A join by the key of both tables. */
export interface TableJoinOptions<J extends JoinType> extends OperatorOptions {
  /** Which rows are shown that have no partner: of neither side ("inner", the default), of one of them, or of both ("full"). */
  readonly type?: J;
}

/** A join by a key of the other table that rows refer to. */
export interface ReferenceJoinOptions<R, L extends Key, J extends JoinType> extends TableJoinOptions<J> {
  /** The key of the row of the other table. */
  readonly on: (row: R) => L;
}

export interface AsOfOptions<R, S, G extends Key, J extends "inner" | "left"> extends OperatorOptions {
  /** "left": rows without a nearest one are shown, too. Default "inner". */
  readonly type?: J;
  /** Rows are joined with rows of the same group. */
  readonly on: readonly [left: (row: R) => G, right: (row: S) => G];
  /** When a row is: a `Date`, or any number, such as ms since the epoch. */
  readonly time: readonly [left: (row: R) => number | Date, right: (row: S) => number | Date];
  /** The nearest row that is not after one's own time ("before", the default), or not before it ("after"). */
  readonly direction?: AsOfDirection;
  /** Whether rows of the same time are left out. Default false. */
  readonly strict?: boolean;
  /** Which of several rows of one time is taken, as for sorting an array. Default: the one with the lowest key. */
  readonly ties?: CompareRows<S>;
}

export interface JoinTableOptions<J extends "inner" | "left"> extends OperatorOptions {
  /** "left": events without a row are joined with undefined. Default "inner": they are left out. */
  readonly type?: J;
  /**
   * Joins an event with the row as it was at the event's own time. Events and changes of the table may be so far behind event
   * time; older ones are late. Default: with the row as it is when the event comes.
   */
  readonly retention?: Duration;
  /**
   * Joins no event before the table is there: before its sources have ended. Not with `retention`, which waits for event time anyway.
   * Default false.
   */
  readonly awaitTable?: boolean;
}
