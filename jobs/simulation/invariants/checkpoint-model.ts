/**
 * CheckpointModel: what a store holds, kept a second time and as simply as can be: every delta is applied to one map per
 * operator instance when it is committed. What a cell is given to start from is held against it.
 */

import { isDeepStrictEqual } from "node:util";
import { type CellRestore, decodeDelta, mergedEntries } from "../../../actors/index.ts";
import { cellKey } from "../../run/channel-attempts.ts";
import { type CellStanding, type Checkpoint, deltasOf, standingsOf } from "../../store/checkpoint-store.ts";
import type { MovingCheckpoint } from "../../store/memory-store.ts";
import type { StoredJob } from "../simulated-store.ts";

interface CellModel {
  standing: CellStanding;
  /** By operator, then by state and key. */
  readonly states: Map<string, Map<string, unknown>>;
}

export class CheckpointModel {
  readonly #cells = new Map<string, CellModel>();
  /** Events that snapshots of `collect` sinks hold, by sink. */
  readonly #collected = new Map<string, number>();
  #epoch = 0;

  /** The last complete checkpoint; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Cells that are part of it. */
  get cells(): readonly string[] {
    return [...this.#cells.keys()];
  }

  /** Events of a `collect` sink that it holds. */
  collectedCount(sink: string): number {
    return this.#collected.get(sink) ?? 0;
  }

  commit({ epoch, snapshots }: Checkpoint): void {
    this.#epoch = epoch;
    for (const [cell, standing] of standingsOf(snapshots)) {
      const known = this.#cells.get(cell);
      if (known === undefined) this.#cells.set(cell, { standing, states: new Map() });
      else known.standing = standing;
    }
    for (const { cell, operator, bytes } of deltasOf(snapshots)) {
      const states = this.#cells.get(cell)?.states;
      const state = states?.get(operator) ?? new Map<string, unknown>();
      states?.set(operator, state);
      for (const { name, removed, keys, values, changes } of decodeDelta(bytes)) {
        for (const key of removed) state.delete(placeOf(name, key));
        for (const [index, key] of keys.entries()) state.set(placeOf(name, key), values[index]);
        for (const [key, { removed: gone, entries }] of changes) {
          const map = state.get(placeOf(name, key)) as Map<unknown, unknown>;
          for (const each of gone) map.delete(each);
          for (const [each, value] of entries) map.set(each, value);
        }
        if (name === "collected") this.#collected.set(operator, this.collectedCount(operator) + eventsOf(values));
      }
    }
  }

  /**
   * The checkpoint was moved into the cells of another plan. How what they hold differs from what was there; undefined when it does not.
   * Where a key belongs among another number of instances is asserted by whom it is given to.
   */
  moveTo({ cells }: MovingCheckpoint, from: StoredJob, to: StoredJob): string | undefined {
    const held = this.#byOperator(from);
    this.#cells.clear();
    for (const [cell, { standing, deltas }] of cells) {
      const states = [...deltas].map(([operator, parts]) => [operator, new Map(restored(parts))] as const);
      this.#cells.set(cell, { standing, states: new Map(states) });
    }
    const holds = this.#byOperator(to);
    for (const { name, kind } of to.graph.nodes) {
      const before = held.get(name) ?? [];
      const now = holds.get(name) ?? [];
      const isSame = before.length === now.length;
      // Its shares are shared out, and none is read as another was.
      if (kind === "source" && !isSame) continue;
      for (const [left, right] of isSame ? zipped(before, now) : [[merged(before), merged(now)] as const]) {
        const difference = differenceOf(right, left);
        if (difference !== undefined) return `operator ${name}: ${difference}`;
      }
    }
    return undefined;
  }

  /** What each instance of each operator holds: its states, or its position. */
  #byOperator({ graph, plan }: StoredJob): ReadonlyMap<string, readonly States[]> {
    const chainOf = new Map(plan.chains.flatMap(({ id, nodes }) => nodes.map((node) => [node, id] as const)));
    return new Map(
      graph.nodes.map(({ id, name, kind, parallelism }) => [
        name,
        Array.from({ length: parallelism }, (_, instance) => {
          const cell = this.#cells.get(cellKey(chainOf.get(id) as number, instance));
          if (kind === "source") return new Map([["its position", cell?.standing.position]]);
          return cell?.states.get(name) ?? new Map();
        }),
      ]),
    );
  }

  /** How what a cell starts from differs from the checkpoint; undefined when it does not. */
  difference(cell: string, restore: CellRestore | undefined): string | undefined {
    const model = this.#cells.get(cell);
    if (restore === undefined || model === undefined) {
      return restore === undefined && model === undefined ? undefined : "one of them has nothing of it";
    }
    if (restore.epoch !== this.#epoch) return `it is of epoch ${restore.epoch}, and the last one is ${this.#epoch}`;
    const { epoch: _epoch, deltas, ...standing } = restore;
    if (!isDeepStrictEqual(standing, model.standing)) {
      return `it stands at ${JSON.stringify(standing)}, and stood at ${JSON.stringify(model.standing)}`;
    }
    for (const operator of new Set([...Object.keys(deltas), ...model.states.keys()])) {
      const difference = differenceOf(restored(deltas[operator] ?? []), model.states.get(operator) ?? new Map());
      if (difference !== undefined) return `operator ${operator}: ${difference}`;
    }
    return undefined;
  }
}

function restored(deltas: readonly Uint8Array[]): ReadonlyMap<string, unknown> {
  return new Map(mergedEntries(deltas).map(([name, key, , value]) => [placeOf(name, key), value]));
}

/** How many events entries of a `collect` sink hold. */
function eventsOf(values: readonly unknown[]): number {
  return values.reduce((count: number, value) => count + (Array.isArray(value) ? value.length : 0), 0);
}

type States = ReadonlyMap<string, unknown>;

function zipped(left: readonly States[], right: readonly States[]): readonly (readonly [States, States])[] {
  return left.map((states, instance) => [states, right[instance] ?? new Map()]);
}

function merged(instances: readonly States[]): States {
  return new Map(instances.flatMap((states) => [...states]));
}

function differenceOf(found: ReadonlyMap<string, unknown>, kept: ReadonlyMap<string, unknown>): string | undefined {
  for (const [place, value] of kept) {
    if (!found.has(place)) return `${place} is not in it`;
    if (!isDeepStrictEqual(found.get(place), value)) return `${place} is another in it`;
  }
  for (const place of found.keys()) if (!kept.has(place)) return `${place} is in it, and was removed or never there`;
  return undefined;
}

function placeOf(name: string, key: unknown): string {
  return `state "${name}" of ${typeof key} ${String(key)}`;
}
