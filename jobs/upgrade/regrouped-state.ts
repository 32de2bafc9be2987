/**
 * RegroupedState: the state of an operator, moved to another number of instances. Keys are in groups, and groups in contiguous
 * ranges on instances, so that a key's new instance follows from the key alone.
 *
 * Invariants
 *  G1  every piece is at exactly one instance: a piece per key or key group at its owner, a piece for any instance at
 *      that of its number, or at the one that its number falls to. Of a piece for all instances each has the copy of instance 0.
 *  G2  a piece per instance stays where it is; among another number of instances there is no place for it.
 */

import {
  encodeDelta,
  groupOfEntry,
  holderOf,
  keyGroupOf,
  ownerOf,
  plainForm,
  type StateEntry,
} from "../../actors/index.ts";
import { assert, mutated } from "../../runtime/index.ts";
import { entriesOf, type StoredInstance } from "./stored-operators.ts";

/** For each instance of now at most one delta. */
export function regroupedState(
  operator: string,
  instances: readonly StoredInstance[],
  parallelism: number,
): readonly (readonly Uint8Array[])[] {
  const groups: StateEntry[][] = Array.from({ length: parallelism }, () => []);
  for (const [instance, stored] of instances.entries()) {
    for (const entry of entriesOf(stored)) {
      const place = placeOf(entry, instance, instances.length, parallelism);
      if (typeof place === "number") groups[place]?.push(entry);
      else if (instance === 0) for (const group of groups) group.push(entry);
    }
  }
  return groups.map((entries) => (entries.length === 0 ? [] : [encodeDelta(operator, entries)]));
}

function placeOf(entry: StateEntry, instance: number, before: number, now: number): number | "all" {
  const [, key, , , { owner } = plainForm] = entry;
  switch (owner) {
    case "key":
      return mutated("regrouped.keys-stay") ? Math.min(instance, now - 1) : ownerOf(keyGroupOf(key), now);
    case "group":
      return ownerOf(groupOfEntry(key), now);
    case "any":
      return holderOf(key, now);
    case "all":
      return "all";
    case "instance":
      assert(before === now, "G2: a piece per instance stays where it is");
      return instance;
  }
}
