/**
 * CellSnapshot: what a cell is at a barrier: what changed in the state of its operators since the snapshot before, where
 * its source stands, which of its inputs have ended. State is encoded at the barrier, so that nothing later changes it.
 */

import { assertPlainData, type DeadLetterPost, decode, encode, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";

/** One piece of state of one operator; `present` is false when it was removed. */
export type StateEntry = readonly [name: string, key: Key, present: boolean, value: unknown];

/** Encoded state entries, by operator name; operators whose state has not changed are absent. */
export type StateDeltas = Readonly<Record<string, Uint8Array>>;

export interface CellSnapshot {
  readonly epoch: number;
  readonly deltas: StateDeltas;
  /** Of a replayable source; undefined for every other cell. */
  readonly position: unknown;
  /** Channels that have delivered their end. */
  readonly endedInputs: readonly number[];
  /** Whether the cell has given its last results. */
  readonly ended: boolean;
  /** Events given up since the snapshot before; published when the checkpoint is complete. */
  readonly deadLetters: DeadLetterPost | undefined;
}

/** What a cell starts from: a complete checkpoint. */
export interface CellRestore {
  readonly epoch: number;
  /** By operator name, oldest first. */
  readonly deltas: Readonly<Record<string, readonly Uint8Array[]>>;
  readonly position: unknown;
  readonly endedInputs: readonly number[];
  readonly ended: boolean;
}

/** The bytes of state entries. Throws ERR_RT_NOT_PLAIN_DATA naming operator, state and key of what cannot be kept. */
export function encodeDelta(operator: string, entries: readonly StateEntry[]): Uint8Array {
  const what = `operator ${JSON.stringify(operator)}`;
  try {
    return encode(entries, what);
  } catch (error) {
    for (const [name, key, , value] of entries) {
      assertPlainData(value, `${what}: state ${JSON.stringify(name)} of key ${printValue(key)}`);
    }
    throw error;
  }
}

/** The entries of several deltas, the newest of each name and key. */
export function mergedEntries(deltas: readonly Uint8Array[]): readonly StateEntry[] {
  if (deltas.length === 0) return [];
  if (deltas.length === 1) return decode(deltas[0] as Uint8Array) as StateEntry[];
  const newest = new Map<string, Map<Key, StateEntry>>();
  for (const delta of deltas) {
    for (const entry of decode(delta) as StateEntry[]) {
      const [name, key] = entry;
      let byKey = newest.get(name);
      if (byKey === undefined) {
        byKey = new Map();
        newest.set(name, byKey);
      }
      byKey.set(key, entry);
    }
  }
  return [...newest.values()].flatMap((byKey) => [...byKey.values()]);
}
