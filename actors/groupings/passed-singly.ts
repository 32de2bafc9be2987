/**
 * What is done with an event with a time that is sent as the accumulator of it alone: a loop of `PanedFolds`, for one event. It is copied for the
 * author's functions, and names nothing but its parameters (own-copy.ts). The event itself is given to those functions alone, so that the
 * compiler need not make it.
 */

import type { Key } from "../batch.ts";
import type { SourceOutput } from "../source.ts";
import type { FoldedColumns } from "./folded-columns.ts";
import type { FoldPassing } from "./folds.ts";
import type { FrequentKeys } from "./frequent-keys.ts";
import type { KeySelector } from "./grouping.ts";
import type { checkKey } from "./key-hash.ts";
import type { isTime, PreAggregation } from "./pre-aggregation.ts";

/**
 * @param ownerOf the columns of a key
 * @param send takes an event that its aggregate refuses, or whose time is none
 */
export function passSingly(
  selector: KeySelector<unknown>,
  aggregate: PreAggregation["aggregate"],
  columns: readonly FoldedColumns[],
  passing: FoldPassing,
  frequent: FrequentKeys,
  check: typeof checkKey,
  isGiven: typeof isTime,
  ownerOf: (key: Key) => number,
  send: (key: Key, value: unknown, time: number) => void,
): SourceOutput<unknown>["emit"] {
  return (value, time) => {
    if (passing.room === 0) return passing.overflow.emit(value, time);
    passing.room -= 1;
    passing.count += 1;
    try {
      const key: unknown = selector(value);
      check("keyBy", key);
      frequent.note(key);
      if (!isGiven(time)) return send(key, value, time!);
      let single: unknown;
      try {
        single = aggregate.add(aggregate.create(), value, time);
      } catch {
        return send(key, value, time);
      }
      columns[ownerOf(key)]!.addSingle(key, single, time);
      passing.folded += 1;
    } catch (error) {
      passing.failure = { value, error };
      passing.room = 0;
    }
  };
}
