/**
 * StateDelta: what changed in the state of one operator instance, as bytes. Entries of one state and form are stored together,
 * keys and values in columns: a name and a form are written once, however many keys there are, and reading makes nothing per key.
 *
 * Not here: several deltas as one state (merged-state.ts).
 */

import {
  assertPlainData,
  decode,
  encode,
  FrameTooLargeError,
  MillraceError,
  mutated,
  printValue,
} from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { snapshotBytesMax, stateBytesMax } from "../limits.ts";
import { isSameForm, plainForm, type StateForm } from "../state/state-form.ts";

/** What changed in the state of one operator instance since its snapshot before is more than can be sent. */
export class SnapshotTooLargeError extends MillraceError {
  readonly code = "ERR_ACT_SNAPSHOT_TOO_LARGE";
}

/** The state of one operator instance is more than can be kept. */
export class StateTooLargeError extends MillraceError {
  readonly code = "ERR_ACT_STATE_TOO_LARGE";
}

/** One piece of state of one operator; `present` is false when it was removed. Without a form it has the plain one. */
export type StateEntry = readonly [name: string, key: Key, present: boolean, value: unknown, form?: StateForm];

/** What changed of one state in one form. A key that was removed and came back is in both: it was removed first. */
export interface DeltaColumns {
  readonly name: string;
  readonly form: StateForm;
  readonly removed: readonly Key[];
  readonly keys: readonly Key[];
  /** In the order of `keys`. */
  readonly values: readonly unknown[];
}

type StoredColumns = readonly [
  name: string,
  form: readonly [StateForm["kind"], number, StateForm["owner"]] | 0,
  removed: readonly Key[],
  keys: readonly Key[],
  values: readonly unknown[],
];

/**
 * The bytes of state entries.
 *
 * @throws ERR_RT_NOT_PLAIN_DATA naming operator, state and key of what cannot be kept; ERR_ACT_STATE_TOO_LARGE
 */
export function encodeDelta(operator: string, entries: readonly StateEntry[]): Uint8Array {
  return encodeColumns(operator, columnsOf(entries));
}

/** The same for what is in columns already. */
export function encodeColumns(
  operator: string,
  columns: readonly DeltaColumns[],
  bytesMax = stateBytesMax,
): Uint8Array {
  const what = `operator ${JSON.stringify(operator)}`;
  try {
    return encode(columns.map(stored), what, bytesMax);
  } catch (error) {
    if (error instanceof FrameTooLargeError) {
      throw new StateTooLargeError(
        `${what}: the state of one instance has ${error.details.byteLength} bytes, encoded; the most is ${bytesMax}: raise its ` +
          "parallelism, or keep less per key",
        { details: { operator, byteCount: error.details.byteLength, bytesMax } },
      );
    }
    for (const { name, keys, values } of columns) {
      for (const [index, value] of values.entries()) {
        assertPlainData(value, `${what}: state ${JSON.stringify(name)} of key ${printValue(keys[index])}`);
      }
    }
    throw error;
  }
}

/** What `encodeDelta` or `encodeColumns` was given, in columns. */
export function decodeDelta(delta: Uint8Array): readonly DeltaColumns[] {
  return (decode(delta) as StoredColumns[]).map(([name, storedForm, removed, keys, values]) => {
    if (storedForm === 0) return { name, form: plainForm, removed, keys, values };
    const [kind, version, owner] = storedForm;
    return { name, form: { kind, version, owner }, removed, keys, values };
  });
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

/** In the order of the entries. */
function columnsOf(entries: readonly StateEntry[]): readonly DeltaColumns[] {
  const all: { name: string; form: StateForm; removed: Key[]; keys: Key[]; values: unknown[] }[] = [];
  let columns: (typeof all)[number] | undefined;
  for (const [name, key, present, value, form = plainForm] of entries) {
    if (columns?.name !== name || !isSameForm(columns.form, form)) {
      columns = all.find((other) => other.name === name && isSameForm(other.form, form));
      if (columns === undefined) {
        columns = { name, form, removed: [], keys: [], values: [] };
        all.push(columns);
      }
    }
    if (present) {
      columns.keys.push(key);
      columns.values.push(value);
    } else if (!mutated("state.no-tombstones")) {
      columns.removed.push(key);
    }
  }
  return all;
}

function stored({ name, form, removed, keys, values }: DeltaColumns): StoredColumns {
  return [name, isSameForm(form, plainForm) ? 0 : [form.kind, form.version, form.owner], removed, keys, values];
}
