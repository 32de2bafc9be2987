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
  /**
   * One per value, where events were put together on their way: of how many the value is the accumulator, 0 for one that is an event
   * itself. Absent where all are events.
   */
  readonly counts?: readonly number[] | undefined;
}

/** How many events the values `from` to `to` stand for. */
export function eventCount({ counts }: Batch, from: number, to: number): number {
  if (counts === undefined) return to - from;
  let count = 0;
  for (let index = from; index < to; index += 1) count += Math.max(1, counts[index]!);
  return count;
}

/** One of the arrays of a batch, from `from` to `to`: a copy, unless that is all of it. */
export function partOf<T extends readonly unknown[] | undefined>(array: T, from: number, to: number): T {
  return array === undefined || (from === 0 && to === array.length) ? array : (array.slice(from, to) as unknown as T);
}
