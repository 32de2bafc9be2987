/** CheckpointDiff: what differs between the states of two checkpoints of a job, key by key. */

import { isDeepStrictEqual } from "node:util";
import type { InstanceEntry, OperatorState } from "./stored-state.ts";

export interface KeyDiff {
  readonly operator: string;
  readonly state: string;
  readonly key: unknown;
  readonly change: "added" | "removed" | "changed";
  /** Undefined where there was none. */
  readonly before: unknown;
  readonly after: unknown;
}

/** By operator, in the order of `after`; within one first what is there now. */
export function diffStates(before: readonly OperatorState[], after: readonly OperatorState[]): readonly KeyDiff[] {
  const names = new Set([...after, ...before].map(({ operator }) => operator));
  return [...names].flatMap((operator) => diffOperator(operator, byKey(before, operator), byKey(after, operator)));
}

type Entries = ReadonlyMap<string, InstanceEntry>;

/** A key may have moved to another instance. */
function byKey(states: readonly OperatorState[], name: string): Entries {
  const entries = states.find(({ operator }) => operator === name)?.entries ?? [];
  return new Map(entries.map((entry) => [`${entry.state} ${typeof entry.key} ${String(entry.key)}`, entry]));
}

function diffOperator(operator: string, before: Entries, after: Entries): KeyDiff[] {
  const diffs: KeyDiff[] = [];
  for (const [id, { state, key, value }] of after) {
    const old = before.get(id);
    if (old === undefined) diffs.push({ operator, state, key, change: "added", before: undefined, after: value });
    else if (!isDeepStrictEqual(old.value, value)) {
      diffs.push({ operator, state, key, change: "changed", before: old.value, after: value });
    }
  }
  for (const [id, { state, key, value }] of before) {
    if (!after.has(id)) diffs.push({ operator, state, key, change: "removed", before: value, after: undefined });
  }
  return diffs;
}
