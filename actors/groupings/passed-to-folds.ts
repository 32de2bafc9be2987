/**
 * What is done with an event of a source that is put together with others as it is emitted, with no batch of them: the loop of
 * `FoldedEvents`, for one event. It is copied for the author's functions, and names nothing but its parameters (own-copy.ts).
 */

import type { Key } from "../batch.ts";
import type { SourceOutput } from "../source.ts";
import type { FoldedEntry } from "./folded-events.ts";
import type { FoldPassing } from "./folds.ts";
import type { FrequentKeys } from "./frequent-keys.ts";
import type { KeySelector } from "./grouping.ts";
import type { checkKey } from "./key-hash.ts";
import type { PreAggregation } from "./pre-aggregation.ts";

/** What becomes of events of a source while they are emitted. */
export interface EntryPassing extends FoldPassing {
  /** What progress was told. */
  told: number;
  /** Of the entries that hold something now. */
  round: number;
}

/**
 * The event itself is given to the author's functions alone, and to `refuse`, so that the compiler need not make it (docs/decisions/0070).
 *
 * @param entryOf what an event of this key is added to, also where it is not among `numbered`; undefined where there is no room
 * @param refuse takes an event that is not added to it
 */
export function passToFolds(
  selector: KeySelector<unknown>,
  aggregate: PreAggregation["aggregate"],
  numbered: readonly (FoldedEntry | undefined)[],
  passing: EntryPassing,
  progress: Int32Array,
  frequent: FrequentKeys,
  check: typeof checkKey,
  isIndex: (key: Key) => key is number,
  entryOf: (key: Key) => FoldedEntry | undefined,
  refuse: (key: Key, value: unknown, entry: FoldedEntry | undefined) => void,
): SourceOutput<unknown>["emit"] {
  return (value, time) => {
    if (passing.room === 0 || time !== undefined) return passing.overflow.emit(value, time);
    passing.room -= 1;
    passing.count += 1;
    passing.told = (passing.told + 1) | 0;
    progress[0] = passing.told;
    try {
      const key: unknown = selector(value);
      check("keyBy", key);
      frequent.note(key);
      const known = isIndex(key) ? numbered[key] : undefined;
      const entry = known?.round === passing.round ? known : entryOf(key);
      if (entry === undefined) return refuse(key, value, undefined);
      try {
        entry.accumulator = aggregate.add(entry.accumulator, value, undefined);
      } catch {
        return refuse(key, value, entry);
      }
      entry.count += 1;
      entry.time = undefined;
      passing.folded += 1;
    } catch (error) {
      passing.failure = { value, error };
      passing.room = 0;
    }
  };
}
