/**
 * holderOf: the instance that has the state of one that may not be there any more. assertOwned: a restored instance has no key of another one. Its events would go elsewhere, and its state would never be
 * asked for again.
 *
 * Invariant
 *  H3  state per key is restored at the instance that owns the key, and state per key group at that which owns the group.
 *  H4  state of any instance is restored at the one with the number of its writer, as long as there are so many.
 */

import { assert } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import { keyGroupOf, ownerOf } from "../groupings/key-hash.ts";
import { keyGroupCount } from "../limits.ts";

/** Among so many instances, the one for the state of any instance that one of the given number wrote. */
export function holderOf(key: Key, parallelism: number): number {
  assert(typeof key === "number", "H4: state of any instance has the number of its writer for a key");
  return key % parallelism;
}

/** The key group that a piece of state per key group is of. */
export function groupOfEntry(key: Key): number {
  assert(
    typeof key === "number" && key >= 0 && key < keyGroupCount,
    "H3: state per key group has its number for a key",
  );
  return key;
}

export function assertOwned(state: readonly StateGroup[], instance: number, parallelism: number): void {
  for (const { form, values } of state) {
    if (form.owner === "key" || form.owner === "group") {
      // The only instance owns every key.
      if (parallelism === 1) continue;
      for (const key of values.keys()) {
        const group = form.owner === "group" ? groupOfEntry(key) : keyGroupOf(key);
        assert(ownerOf(group, parallelism) === instance, "H3: state per key is at the owner of the key");
      }
    } else if (form.owner === "any") {
      for (const key of values.keys()) {
        assert(holderOf(key, parallelism) === instance, "H4: state of any instance is where its number falls to");
      }
    }
  }
}
