/**
 * MergedState: the state of one operator instance, from its deltas, oldest first: of each state and form what is kept by key.
 *
 * Invariants
 *  S1  of what deltas say about one name and key the newest counts, whatever its form.
 *  S3  what changed in a map is kept as a change only where the map itself is older than the deltas.
 *  S2  keys are in the order in which they came; one that was removed and came back has come anew.
 */

import { assert, MillraceError, mutated } from "../../runtime/index.ts";
import type { Key } from "../batch.ts";
import type { MapChange } from "../state/map-change.ts";
import { type PackedMap, packedIfLarge } from "../state/packed/packed-map.ts";
import { isSameForm, plainForm, type StateForm } from "../state/state-form.ts";
import { DeltaReader } from "./delta-reader.ts";
import { type DeltaColumns, decodeDelta, encodeColumns, type StateEntry } from "./state-delta.ts";

/** What is kept of one state in one form. A state has several when its version was raised, and not all keys changed since. */
export interface StateGroup {
  readonly name: string;
  readonly form: StateForm;
  readonly values: ReadonlyMap<Key, unknown>;
}

interface OpenGroup extends StateGroup {
  /** Of many keys outside of the heap, where the merge is to be read once. */
  values: Map<Key, unknown> | PackedMap;
  readonly removed: Set<Key>;
  /** S3 */
  readonly changes: Map<Key, MapChange>;
}

/** The state that deltas make, oldest first. */
export function mergedState(deltas: readonly Uint8Array[]): readonly StateGroup[] {
  const groups = readGroups(deltas) ?? mergedGroups(deltas);
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
    for (const { name, form, keys, values } of all) {
      const own = groupOf(groups, name, form);
      const others = otherGroups(groups, own);
      for (let index = 0; index < keys.length; index += 1) set(own, others, keys[index] as Key, values[index]);
    }
    for (const { name, form, changes } of all) change(groups, name, form, changes);
  }
  return [...groups.values()].flat();
}

/** The same piece by piece; undefined for deltas that cannot be read like that. */
function readGroups(deltas: readonly Uint8Array[]): readonly OpenGroup[] | undefined {
  const groups: Groups = new Map();
  try {
    for (const delta of deltas) {
      const names = new Set<string>();
      const reader = new DeltaReader(delta);
      for (let columns = reader.next(); columns !== undefined; columns = reader.next()) {
        const { name, form, each } = columns;
        // What one form has removed another one may have set.
        if (names.has(name)) return undefined;
        names.add(name);
        remove(groups, columns);
        const own = groupOf(groups, name, form);
        const others = otherGroups(groups, own);
        let count = 0;
        each((key, value) => {
          set(own, others, key, value);
          count += 1;
          if (count % 1024 === 0) own.values = packedIfLarge(own.values);
        });
        own.values = packedIfLarge(own.values);
        change(groups, name, form, columns.changes());
      }
    }
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    return undefined;
  }
  return [...groups.values()].flat();
}

function remove(groups: Groups, { name, form, removed }: Pick<DeltaColumns, "name" | "form" | "removed">): void {
  if (removed.length === 0) return;
  const own = groupOf(groups, name, form);
  const named = groups.get(name) ?? [];
  for (const key of removed) {
    own.removed.add(key);
    for (const group of named) forget(group, key);
  }
}

/** Those of the same name that hold something. */
function otherGroups(groups: Groups, own: OpenGroup): readonly OpenGroup[] {
  const isThere = ({ values, changes }: OpenGroup): boolean => values.size + changes.size > 0;
  return (groups.get(own.name) ?? []).filter((group) => group !== own && isThere(group));
}

function set(own: OpenGroup, others: readonly OpenGroup[], key: Key, value: unknown): void {
  own.values.set(key, value);
  if (own.changes.size > 0) own.changes.delete(key);
  for (const other of others) forget(other, key);
}

/** Of a map in its form: who raises the version of a state writes its maps as wholes. */
function change(groups: Groups, name: string, form: StateForm, changes: DeltaColumns["changes"]): void {
  if (changes.size === 0) return;
  const own = groupOf(groups, name, form);
  for (const [key, newer] of changes) {
    const map = own.values.get(key);
    if (map !== undefined) {
      newer.applyTo(map as Map<unknown, unknown>);
      own.values.set(key, map);
    } else own.changes.set(key, own.changes.get(key)?.followedBy(newer) ?? newer);
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
