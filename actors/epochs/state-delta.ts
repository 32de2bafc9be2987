/**
 * StateDelta: pieces of state as bytes. Entries of one state are stored together, with the form of that state, so that a
 * name and a form are written once, however many keys there are.
 *
 * Invariant
 *  S1  of entries with the same name and key the newest counts, whatever its form.
 */

import { assertPlainData, decode, encode, MillraceError, mutated, printValue } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { snapshotBytesMax } from "../limits.ts";
import { isSameForm, plainForm, type StateForm } from "../state/state-form.ts";

/** What changed in the state of one operator instance since its snapshot before is more than can be sent. */
export class SnapshotTooLargeError extends MillraceError {
  readonly code = "ERR_ACT_SNAPSHOT_TOO_LARGE";
}

/** One piece of state of one operator; `present` is false when it was removed. Without a form it has the plain one. */
export type StateEntry = readonly [name: string, key: Key, present: boolean, value: unknown, form?: StateForm];

/** As stored: of an entry that was removed there is the key only. */
type StoredEntry = readonly [key: Key, value: unknown] | readonly [key: Key];
type StoredGroup = readonly [
  name: string,
  form: readonly [StateForm["kind"], number, StateForm["owner"]] | 0,
  StoredEntry[],
];

/** The bytes of state entries. Throws ERR_RT_NOT_PLAIN_DATA naming operator, state and key of what cannot be kept. */
export function encodeDelta(operator: string, entries: readonly StateEntry[]): Uint8Array {
  const what = `operator ${JSON.stringify(operator)}`;
  try {
    return encode(grouped(entries), what);
  } catch (error) {
    for (const [name, key, , value] of entries) {
      assertPlainData(value, `${what}: state ${JSON.stringify(name)} of key ${printValue(key)}`);
    }
    throw error;
  }
}

/**
 * The bytes of a snapshot: of what changed in the state of an operator.
 *
 * @throws ERR_RT_NOT_PLAIN_DATA, ERR_ACT_SNAPSHOT_TOO_LARGE naming the operator
 */
export function encodeSnapshot(
  operator: string,
  entries: readonly StateEntry[],
  bytesMax = snapshotBytesMax,
): Uint8Array {
  const bytes = encodeDelta(operator, entries);
  if (bytes.byteLength <= bytesMax) return bytes;
  throw new SnapshotTooLargeError(
    `operator ${JSON.stringify(operator)}: a snapshot of its state has ${bytes.byteLength} bytes, of ${entries.length} keys that ` +
      `changed in one epoch; the most is ${bytesMax}: raise its parallelism, keep less per key, or make epochs shorter`,
    { details: { operator, byteCount: bytes.byteLength, bytesMax, keyCount: entries.length } },
  );
}

/** The entries of several deltas, the newest of each name and key. */
export function mergedEntries(deltas: readonly Uint8Array[]): readonly StateEntry[] {
  if (deltas.length === 0) return [];
  if (deltas.length === 1) return decodeDelta(deltas[0] as Uint8Array);
  const newest = new Map<string, Map<Key, StateEntry>>();
  for (const delta of deltas) {
    for (const entry of decodeDelta(delta)) {
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

/** In the order of the entries, so that of one key what was removed stays before what took its place. */
function grouped(entries: readonly StateEntry[]): StoredGroup[] {
  const groups: { readonly name: string; readonly form: StateForm; readonly stored: StoredEntry[] }[] = [];
  let group: (typeof groups)[number] | undefined;
  for (const [name, key, present, value, form = plainForm] of entries) {
    if (group?.name !== name || !isSameForm(group.form, form)) {
      group = groups.find((other) => other.name === name && isSameForm(other.form, form));
      if (group === undefined) {
        group = { name, form, stored: [] };
        groups.push(group);
      }
    }
    if (present || !mutated("state.no-tombstones")) group.stored.push(present ? [key, value] : [key]);
  }
  return groups.map(({ name, form, stored }) => [
    name,
    isSameForm(form, plainForm) ? 0 : [form.kind, form.version, form.owner],
    stored,
  ]);
}

function decodeDelta(delta: Uint8Array): StateEntry[] {
  return (decode(delta) as StoredGroup[]).flatMap(([name, storedForm, stored]) => {
    if (storedForm === 0) return stored.map((entry): StateEntry => [name, entry[0], entry.length === 2, entry[1]]);
    const [kind, version, owner] = storedForm;
    const form: StateForm = { kind, version, owner };
    return stored.map((entry): StateEntry => [name, entry[0], entry.length === 2, entry[1], form]);
  });
}
