/**
 * StateDelta: what changed in the state of one operator instance, as bytes. Entries of one state and form are stored together,
 * keys and values in columns: a name and a form are written once, however many keys there are, and reading makes nothing per key.
 *
 * Not here: several deltas as one state (merged-state.ts).
 */

import {
  assert,
  assertPlainData,
  decode,
  EncodedValues,
  encode,
  FrameTooLargeError,
  MillraceError,
  mutated,
  printValue,
} from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import { snapshotBytesMax, stateBytesMax } from "../limits.ts";
import { MapChange } from "../state/map-change.ts";
import { isSameForm, plainForm, type StateForm, stateTitle } from "../state/state-form.ts";

/** What changed in the state of one operator instance since its snapshot before is more than can be sent. */
export class SnapshotTooLargeError extends MillraceError {
  readonly code = "ERR_ACT_SNAPSHOT_TOO_LARGE";
}

/** The state of one operator instance is more than can be kept. */
export class StateTooLargeError extends MillraceError {
  readonly code = "ERR_ACT_STATE_TOO_LARGE";
}

/**
 * One piece of state of one operator; `present` is false when it was removed. A value that is a MapChange is what changed in a
 * map that is there already. Without a form it has the plain one.
 */
export type StateEntry = readonly [name: string, key: Key, present: boolean, value: unknown, form?: StateForm];

/** What changed of one state in one form, encoded already: of many keys, of which nothing is made. As DeltaColumns. */
export class EncodedChanges {
  readonly name: string;
  readonly form: StateForm;
  readonly removed: EncodedValues;
  readonly keys: EncodedValues;
  readonly values: EncodedValues;

  constructor(name: string, form: StateForm, removed: EncodedValues, keys: EncodedValues, values: EncodedValues) {
    assert(keys.count === values.count, "a value for each key");
    this.name = name;
    this.form = form;
    this.removed = removed;
    this.keys = keys;
    this.values = values;
  }

  /** How many keys. */
  get count(): number {
    return this.removed.count + this.keys.count;
  }
}

/** No keys, or no values. */
export const noValues = new EncodedValues(0, new Uint8Array(0));

/** What a snapshot says of the state of an operator. */
export type StateChange = StateEntry | EncodedChanges;

/** What changed of one state in one form. A key that was removed and came back is in both: it was removed first. */
export interface DeltaColumns {
  readonly name: string;
  readonly form: StateForm;
  readonly removed: readonly Key[];
  readonly keys: readonly Key[];
  /** In the order of `keys`. */
  readonly values: readonly unknown[];
  /** Of maps of which only a part changed; their keys are not in the other columns. */
  readonly changes: ReadonlyMap<Key, MapChange>;
}

type StoredColumns = readonly [
  name: string,
  form: readonly [StateForm["kind"], number, StateForm["owner"]] | 0,
  removed: readonly Key[] | EncodedValues,
  keys: readonly Key[] | EncodedValues,
  values: readonly unknown[] | EncodedValues,
  /** Absent for none. */
  changes?: readonly StoredChange[],
];

/** As they come back. */
type ReadColumns = StoredColumns & {
  readonly 2: readonly Key[];
  readonly 3: readonly Key[];
  readonly 4: readonly unknown[];
};

type StoredChange = readonly [key: Key, removed: readonly unknown[], entries: ReadonlyMap<unknown, unknown>];

/**
 * The bytes of what changed, or of what is kept.
 *
 * @throws ERR_RT_NOT_PLAIN_DATA naming operator, state and key of what cannot be kept; ERR_ACT_STATE_TOO_LARGE
 */
export function encodeDelta(operator: string, changes: readonly StateChange[]): Uint8Array {
  return encodeColumns(operator, columnsOf(changes));
}

/** The same for what is in columns already. */
export function encodeColumns(
  operator: string,
  columns: readonly (DeltaColumns | EncodedChanges)[],
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
    for (const each of columns) {
      if (each instanceof EncodedChanges) continue;
      const { name, keys, values, changes } = each;
      const title = `${stateTitle(operator, name)} of key`;
      for (const [index, value] of values.entries()) assertPlainData(value, `${title} ${printValue(keys[index])}`);
      for (const [key, { entries }] of changes) assertPlainData(entries, `${title} ${printValue(key)}`);
    }
    throw error;
  }
}

/** What `encodeDelta` or `encodeColumns` was given, in columns. */
export function decodeDelta(delta: Uint8Array): readonly DeltaColumns[] {
  return (decode(delta) as ReadColumns[]).map(([name, storedForm, removed, keys, values, stored = []]) => {
    const changes = storedChanges(stored);
    if (storedForm === 0) return { name, form: plainForm, removed, keys, values, changes };
    const [kind, version, owner] = storedForm;
    return { name, form: { kind, version, owner }, removed, keys, values, changes };
  });
}

export function storedChanges(stored: readonly StoredChange[]): ReadonlyMap<Key, MapChange> {
  return new Map(stored.map(([key, gone, entries]) => [key, new MapChange(new Set(gone), entries)]));
}

/**
 * The bytes of a snapshot: of what changed in the state of an operator.
 *
 * @throws ERR_RT_NOT_PLAIN_DATA, ERR_ACT_SNAPSHOT_TOO_LARGE naming the operator
 */
export function encodeSnapshot(
  operator: string,
  changes: readonly StateChange[],
  bytesMax = snapshotBytesMax,
): Uint8Array {
  const bytes = encodeDelta(operator, changes);
  if (bytes.byteLength <= bytesMax) return bytes;
  const keyCount = changeCount(changes);
  throw new SnapshotTooLargeError(
    `operator ${JSON.stringify(operator)}: a snapshot of its state has ${bytes.byteLength} bytes, of ${keyCount} keys that ` +
      `changed in one epoch; the most is ${bytesMax}: raise its parallelism, keep less per key, or make epochs shorter`,
    { details: { operator, byteCount: bytes.byteLength, bytesMax, keyCount } },
  );
}

/** Of how many keys something is said. */
export function changeCount(changes: readonly StateChange[]): number {
  return changes.reduce((sum, change) => sum + (change instanceof EncodedChanges ? change.count : 1), 0);
}

/** The same change by change. */
export function changedEntries(changes: readonly StateChange[]): readonly StateEntry[] {
  return changes.flatMap((change) => {
    if (!(change instanceof EncodedChanges)) return [change];
    const { name, form } = change;
    const [removed, keys, values] = [change.removed, change.keys, change.values].map((encoded) => {
      return decode(encode(encoded));
    }) as [readonly Key[], readonly Key[], readonly unknown[]];
    return [
      ...removed.map((key): StateEntry => [name, key, false, undefined, form]),
      ...keys.map((key, index): StateEntry => [name, key, true, values[index], form]),
    ];
  });
}

interface OpenColumns extends DeltaColumns {
  readonly removed: Key[];
  readonly keys: Key[];
  readonly values: unknown[];
  readonly changes: Map<Key, MapChange>;
}

/** In the order of the changes. */
function columnsOf(changes: readonly StateChange[]): readonly (DeltaColumns | EncodedChanges)[] {
  const forgets = mutated("state.no-tombstones");
  const all: (OpenColumns | EncodedChanges)[] = [];
  let columns: OpenColumns | undefined;
  for (const change of changes) {
    if (change instanceof EncodedChanges) {
      all.push(forgets ? withoutRemoved(change) : change);
      continue;
    }
    const [name, key, present, value, form = plainForm] = change;
    if (columns?.name !== name || !isSameForm(columns.form, form)) {
      columns = all.find((other): other is OpenColumns => {
        return isOpen(other) && other.name === name && isSameForm(other.form, form);
      });
      if (columns === undefined) {
        columns = { name, form, removed: [], keys: [], values: [], changes: new Map() };
        all.push(columns);
      }
    }
    if (present && value instanceof MapChange) {
      columns.changes.set(key, value);
    } else if (present) {
      columns.keys.push(key);
      columns.values.push(value);
    } else if (!forgets) {
      columns.removed.push(key);
    }
  }
  return all;
}

function withoutRemoved({ name, form, keys, values }: EncodedChanges): EncodedChanges {
  return new EncodedChanges(name, form, noValues, keys, values);
}

function isOpen(columns: OpenColumns | EncodedChanges): columns is OpenColumns {
  return !(columns instanceof EncodedChanges);
}

const noChanges: DeltaColumns["changes"] = new Map();

function stored(columns: DeltaColumns | EncodedChanges): StoredColumns {
  const { name, form, removed, keys, values } = columns;
  const changes = columns instanceof EncodedChanges ? noChanges : columns.changes;
  const storedForm = isSameForm(form, plainForm) ? 0 : ([form.kind, form.version, form.owner] as const);
  if (changes.size === 0) return [name, storedForm, removed, keys, values];
  const parts = [...changes].map(([key, change]): StoredChange => [key, [...change.removed], change.entries]);
  return [name, storedForm, removed, keys, values, parts];
}
