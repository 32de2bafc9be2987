/**
 * assertOwned: a restored instance has no key of another one. Its events would go elsewhere, and its state would never be
 * asked for again.
 *
 * Invariant
 *  H3  state per key is restored at the instance that owns the key.
 */

import { assert } from "../../runtime/index.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { keyGroupOf, ownerOf } from "../groupings/key-hash.ts";

export function assertOwned(entries: readonly StateEntry[], instance: number, parallelism: number): void {
  for (const [, key, , , form] of entries) {
    if (form?.owner !== "key") continue;
    assert(ownerOf(keyGroupOf(key), parallelism) === instance, "H3: state per key is at the owner of the key");
  }
}
