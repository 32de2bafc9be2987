/**
 * GroupProgress: how far time had come for the keys of a window operator, as of its snapshots. Windows that have told their results are not
 * noted one by one: those whose last moment time had reached have. So it is kept by key group, and goes with the keys when the
 * parallelism changes.
 *
 * Instances need not have come equally far: they look at clocks of their own, and under at-least-once barriers reach them at different points
 * of event time. An instance that takes over keys of several is as far as the one that was furthest behind, so that nothing is late
 * that was not, and keys of the others are *ahead* of it: what was told of them is not told again, and what was late for them is.
 *
 * Invariants
 *  A1  every key group of the instance is stored, with the time that its keys have come to; none before there is one.
 *  A2  a group is ahead as long as the instance has not come as far.
 */

import type { Key } from "../batch.ts";
import type { StateGroup } from "../epochs/merged-state.ts";
import type { StateEntry } from "../epochs/state-delta.ts";
import { keyGroupOf, ownerOf } from "../groupings/key-hash.ts";
import { keyGroupCount } from "../limits.ts";
import type { StateForm } from "../state/state-form.ts";
import { wholeKey } from "../state/state-table.ts";

const stateName = "event time";
const kind = "progress";

/** The state that is kept here among that of a window operator. */
export function isProgress({ form }: StateGroup): boolean {
  return form.kind === kind;
}

export class GroupProgress {
  readonly #isKeyed: boolean;
  readonly #form: StateForm;
  /** A2: by their numbers; empty while all have come equally far. */
  readonly #ahead = new Map<Key, number>();
  #storedNow = Number.NEGATIVE_INFINITY;

  /** @param isKeyed whether there are keys; without, an instance has one time */
  constructor(isKeyed: boolean) {
    this.#isKeyed = isKeyed;
    this.#form = { kind, version: 1, owner: isKeyed ? "group" : "instance" };
  }

  /** Whether a key may be ahead. */
  get isUneven(): boolean {
    return this.#ahead.size > 0;
  }

  /** How far time has come for a key, where the instance has not come as far; undefined where it has (A2). */
  aheadOf(key: Key): number | undefined {
    return this.isUneven ? this.#ahead.get(keyGroupOf(key)) : undefined;
  }

  /** The instance has come to `now`. */
  advance(now: number): void {
    if (!this.isUneven) return;
    for (const [group, time] of this.#ahead) if (time <= now) this.#ahead.delete(group);
  }

  snapshot(now: number, instance: number, parallelism: number): readonly StateEntry[] {
    if (now === this.#storedNow) return [];
    this.#storedNow = now;
    return this.#groupsOf(instance, parallelism).map((group) => {
      return [stateName, group, true, this.#ahead.get(group) ?? now, this.#form];
    });
  }

  /**
   * Takes in its part of a state.
   *
   * @returns how far time had come for all keys of the instance
   */
  restore(state: readonly StateGroup[], instance: number, parallelism: number): number {
    const times = new Map(state.filter(isProgress).flatMap(({ values }) => [...(values as ReadonlyMap<Key, number>)]));
    const groups = this.#groupsOf(instance, parallelism);
    const now = Math.min(...groups.map((group) => times.get(group) ?? Number.NEGATIVE_INFINITY));
    for (const [group, time] of times) if (time > now) this.#ahead.set(group, time);
    return now;
  }

  #groupsOf(instance: number, parallelism: number): readonly Key[] {
    if (!this.#isKeyed) return [wholeKey];
    const all = Array.from({ length: keyGroupCount }, (_, group) => group);
    return all.filter((group) => ownerOf(group, parallelism) === instance);
  }
}
