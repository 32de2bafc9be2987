/**
 * MergedState: the state of one operator instance, from its deltas, oldest first: of each state and form what is kept by key.
 *
 * Invariants
 *  S1  of what deltas say about one name and key the newest counts, whatever its form.
 *  S3  what changed in a map is kept as a change only where the map itself is older than the deltas.
 *  S2  keys are in the order in which they came; one that was removed and came back has come anew.
 */

import { assert, mutated } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { MapChange } from "../state/map-change.ts";
import { isSameForm, plainForm, type StateForm } from "../state/state-form.ts";
import { type DeltaColumns, decodeDelta, encodeColumns, type StateEntry } from "./state-delta.ts";

/** What is kept of one state in one form. A state has several when its version was raised, and not all keys changed since. */
export interface StateGroup {
  readonly name: string;
  readonly form: StateForm;
  readonly values: ReadonlyMap<Key, unknown>;
}

interface OpenGroup extends StateGroup {
  readonly values: Map<Key, unknown>;
  readonly removed: Set<Key>;
  /** S3 */
  readonly changes: Map<Key, MapChange>;
}

/** The state that deltas make, oldest first. */
export function mergedState(deltas: readonly Uint8Array[]): readonly StateGroup[] {
  const groups = mergedGroups(deltas);
  for (const { changes } of groups) assert(changes.size === 0, "S3: the map that changed is in an older delta");
  return groups.filter(({ values }) => values.size > 0);
}

/** The same as entries, for state that is small or read rarely. */
export function mergedEntries(deltas: readonly Uint8Array[]): readonly StateEntry[] {
  return entriesOf(mergedState(deltas));
}

/**
 * Several deltas as one.
 *
 * @param deltas oldest first
 * @param isBottom whether nothing is older than the first of them, so that what was removed needs no note any more
 */
export function mergedDelta(operator: string, deltas: readonly Uint8Array[], isBottom: boolean): Uint8Array {
  const forgets = isBottom || mutated("store.drops-tombstones");
  const columns = mergedGroups(deltas).map(({ name, form, values, removed, changes }): DeltaColumns => {
    return {
      name,
      form,
      removed: forgets ? [] : [...removed],
      keys: [...values.keys()],
      values: [...values.values()],
      changes,
    };
  });
  return encodeColumns(
    operator,
    columns.filter(({ removed, keys, changes }) => removed.length + keys.length + changes.size > 0),
  );
}

/** What operators with little state keep, one by one. */
export function entriesOf(groups: readonly StateGroup[]): readonly StateEntry[] {
  return groups.flatMap(({ name, form, values }) =>
    [...values].map(([key, value]): StateEntry => {
      return form === plainForm ? [name, key, true, value] : [name, key, true, value, form];
    }),
  );
}

/** By their names, of which there may be many. */
type Groups = Map<string, OpenGroup[]>;

function mergedGroups(deltas: readonly Uint8Array[]): readonly OpenGroup[] {
  const groups: Groups = new Map();
  for (const delta of deltas) {
    const all = decodeDelta(delta);
    for (const columns of all) remove(groups, columns);
    for (const columns of all) set(groups, columns);
    for (const columns of all) change(groups, columns);
  }
  return [...groups.values()].flat();
}

function remove(groups: Groups, { name, form, removed }: DeltaColumns): void {
  if (removed.length === 0) return;
  const own = groupOf(groups, name, form);
  const named = groups.get(name) ?? [];
  for (const key of removed) {
    own.removed.add(key);
    for (const group of named) forget(group, key);
  }
}

function set(groups: Groups, { name, form, keys, values }: DeltaColumns): void {
  const own = groupOf(groups, name, form);
  const isThere = ({ values, changes }: OpenGroup): boolean => values.size + changes.size > 0;
  const others = (groups.get(name) ?? []).filter((group) => group !== own && isThere(group));
  for (let index = 0; index < keys.length; index += 1) {
    const key = keys[index] as Key;
    own.values.set(key, values[index]);
    if (own.changes.size > 0) own.changes.delete(key);
    for (const other of others) forget(other, key);
  }
}

/** Of a map in its form: who raises the version of a state writes its maps as wholes. */
function change(groups: Groups, { name, form, changes }: DeltaColumns): void {
  if (changes.size === 0) return;
  const own = groupOf(groups, name, form);
  for (const [key, newer] of changes) {
    const map = own.values.get(key);
    if (map !== undefined) newer.applyTo(map as Map<unknown, unknown>);
    else own.changes.set(key, own.changes.get(key)?.followedBy(newer) ?? newer);
  }
}

function forget({ values, changes }: OpenGroup, key: Key): void {
  values.delete(key);
  changes.delete(key);
}

function groupOf(groups: Groups, name: string, form: StateForm): OpenGroup {
  const named = groups.get(name) ?? [];
  const found = named.find((group) => isSameForm(group.form, form));
  if (found !== undefined) return found;
  const group = { name, form, values: new Map<Key, unknown>(), removed: new Set<Key>(), changes: new Map() };
  groups.set(name, [...named, group]);
  return group;
}
