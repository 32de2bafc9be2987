/** MergedDelta: several deltas of the state of one operator instance as one. */

import { encodeDelta, mergedEntries } from "../../actors/index.ts";
import { mutated } from "../../runtime/index.ts";

/**
 * @param deltas oldest first
 * @param isBottom whether nothing is older than the first of them, so that what was removed needs no note any more
 */
export function mergedDelta(operator: string, deltas: readonly Uint8Array[], isBottom: boolean): Uint8Array {
  const entries = mergedEntries(deltas);
  return encodeDelta(
    operator,
    isBottom || mutated("store.drops-tombstones") ? entries.filter(([, , present]) => present) : entries,
  );
}
