/** ReadableEntry: one entry of state as people know it: under the name that they gave, with the value that their functions see. */

import { foldedState, type StateEntry } from "../../actors/index.ts";

export interface ReadableEntry {
  /** The name of the state; of an operator with one state what it does: `count`, `scan`, `reduce`. */
  readonly state: string;
  /** `value`, `list`, `map`, `reducing`, `count` and so on. */
  readonly kind: string;
  /** Null for what an instance keeps that has no keys. */
  readonly key: unknown;
  readonly value: unknown;
  /** The event time of the result that the operator has yet to tell, in ms; undefined for none. */
  readonly timeMs: number | undefined;
}

export function readableEntry(entry: StateEntry): ReadableEntry {
  const [name, ownKey, , stored, form] = entry;
  const kind = form?.kind ?? name;
  // On input without keys an instance keeps its state under this key.
  const key = ownKey === "" && form?.owner === "instance" ? null : ownKey;
  const folded = foldedState(entry);
  if (folded === undefined) return { state: name, kind, key, value: stored, timeMs: undefined };
  return { state: kind, kind, key, value: folded.state, timeMs: folded.timeMs };
}
