/**
 * Batch: the unit of work, a struct of arrays. Handed over by reference between the cells of one host, as one msgpack
 * frame between hosts. A batch that was handed over is never changed again.
 */

/** What events may be keyed by. Two keys are the same when they are `===`. */
export type Key = string | number | bigint | boolean;

export interface Batch {
  readonly values: readonly unknown[];
  /** Event times in ms since the epoch, one per value; absent until the stream has event time. */
  readonly times: readonly number[] | undefined;
  /** One per value; present on the input of an operator behind `keyBy`. */
  readonly keys: readonly Key[] | undefined;
  /** Which input of the operator it came in on; absent on its first. */
  readonly input?: number;
}
