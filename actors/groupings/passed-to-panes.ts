/**
 * What is done with an event with a time that is put together with others as it is emitted: the loop of `PanedFolds`, for one event. It is copied
 * for the author's functions, and names nothing but its parameters (own-copy.ts).
 */

import type { Key } from "../batch.ts";
import type { SourceOutput } from "../source.ts";
import type { FoldedColumns } from "./folded-columns.ts";
import type { FoldPassing } from "./folds.ts";
import type { FrequentKeys } from "./frequent-keys.ts";
import type { KeySelector } from "./grouping.ts";
import type { checkKey } from "./key-hash.ts";
import type { PreAggregation } from "./pre-aggregation.ts";

/**
 * @param newest the start and the end of the newest pane
 * @param places of keys that are small whole numbers, in the columns that `targets` says
 * @param fold takes an event that is not found so; false where it is not put together
 * @param send takes one that is not
 */
export function passToPanes(
  selector: KeySelector<unknown>,
  aggregate: PreAggregation["aggregate"],
  columns: readonly FoldedColumns[],
  newest: Float64Array,
  places: Int32Array,
  targets: Uint16Array,
  passing: FoldPassing,
  frequent: FrequentKeys,
  check: typeof checkKey,
  isIndex: (key: Key) => key is number,
  fold: (key: Key, value: unknown, time: number) => boolean,
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
      if (isIndex(key) && time! >= newest[0]! && time! < newest[1]!) {
        const own = columns[targets[key]!]!;
        const place = places[key]!;
        if (place < own.length && own.keys[place] === key && own.starts[place] === newest[0]) {
          if (own.add(place, aggregate, value, time!)) passing.folded += 1;
          else send(key, value, time!);
          return;
        }
      }
      if (fold(key, value, time!)) passing.folded += 1;
      else send(key, value, time!);
    } catch (error) {
      passing.failure = { value, error };
      passing.room = 0;
    }
  };
}
