/**
 * DeltaTiers: which deltas of the state of one operator instance are merged, so that there are few of them and little is
 * written again. Deltas of about one size wait for each other, as in the tiers of a log-structured merge tree (O'Neil et al.
 * 1996); all become one when there are so many of them and twice as much has changed as there is at the bottom.
 *
 * Invariants
 *  T1  after the merge there are fewer than `deltasPerTier` deltas above the oldest, or it has more than half the
 *      bytes that they have together.
 *  T2  after the merge fewer than `deltasPerTier` deltas in a row are of one tier.
 */

import { deltasPerTier } from "../limits.ts";

/**
 * From which delta on the newest are merged into one; undefined when they stay as they are.
 *
 * @param lengths in bytes, oldest first; the last one is new
 * @param perTier deltas of a full tier; a simulation has small ones, so that short runs fill them
 */
export function mergedFrom(lengths: readonly number[], perTier = deltasPerTier): number | undefined {
  const newest = lengths.length - 1;
  if (newest >= perTier && sum(lengths.slice(1)) >= 2 * (lengths[0] as number)) return 0;
  let from = newest;
  for (;;) {
    // What is merged already counts as one, and may fill the tier above.
    const bytes = sum(lengths.slice(from));
    let first = from;
    while (first > 1 && tierOf(lengths[first - 1] as number, perTier) <= tierOf(bytes, perTier)) first -= 1;
    if (from - first + 1 < perTier) return from === newest ? undefined : from;
    from = first;
  }
}

/** A delta of the next tier is as large as a full tier. */
function tierOf(length: number, perTier: number): number {
  return Math.floor(Math.log(Math.max(1, length)) / Math.log(perTier));
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total + length, 0);
}
