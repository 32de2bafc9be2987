/**
 * CheckpointLog: the last complete checkpoint in memory. State arrives as deltas; per cell and operator they are kept oldest
 * first, under increasing numbers, and merged when there are many. What a new checkpoint changes is told before it is
 * applied, so that it can be written elsewhere in between.
 *
 * Invariants: C1 and C2 of checkpoint-store.ts.
 */

import { type CellRestore, type CellSnapshot, encodeDelta, mergedEntries } from "../../actors/index.ts";
import { assert } from "../../runtime/index.ts";
import { deltasKeptMax } from "../limits.ts";
import type { EpochSnapshots } from "./checkpoint-store.ts";

/** What a cell is, besides the state of its operators. */
export type CellStanding = Pick<CellSnapshot, "position" | "endedInputs" | "ended" | "reopenedAt">;

export interface DeltaRecord {
  readonly cell: string;
  readonly operator: string;
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface CheckpointChange {
  readonly epoch: number;
  readonly standings: ReadonlyMap<string, CellStanding>;
  /** In order; one that replaces takes the place of all of its cell and operator before. */
  readonly deltas: readonly (DeltaRecord & { readonly replaces: boolean })[];
}

interface CellRecord {
  readonly deltas: Map<string, DeltaRecord[]>;
  standing: CellStanding;
}

export class CheckpointLog {
  readonly #cells = new Map<string, CellRecord>();
  #epoch = 0;

  get epoch(): number {
    return this.#epoch;
  }

  restoreOf(cell: string): CellRestore | undefined {
    const record = this.#cells.get(cell);
    if (record === undefined) return undefined;
    const deltas = [...record.deltas].map(
      ([operator, records]) => [operator, records.map(({ bytes }) => bytes)] as const,
    );
    return { epoch: this.#epoch, deltas: Object.fromEntries(deltas), ...record.standing };
  }

  /** What the checkpoint of an epoch changes. */
  changeOf(epoch: number, snapshots: EpochSnapshots): CheckpointChange {
    assert(epoch > this.#epoch, "C1: epochs increase");
    const standings = new Map<string, CellStanding>();
    const deltas: CheckpointChange["deltas"][number][] = [];
    for (const [cell, parts] of snapshots) {
      for (const { position, endedInputs, ended, reopenedAt } of parts) {
        standings.set(cell, { position, endedInputs, ended, reopenedAt });
      }
      for (const [operator, fresh] of byOperator(parts)) {
        const kept = this.#cells.get(cell)?.deltas.get(operator) ?? [];
        const next = (kept.at(-1)?.number ?? 0) + 1;
        if (kept.length + fresh.length > deltasKeptMax) {
          const bytes = merged(operator, [...kept.map((record) => record.bytes), ...fresh]);
          deltas.push({ cell, operator, number: next, bytes, replaces: true });
        } else {
          for (const [index, bytes] of fresh.entries()) {
            deltas.push({ cell, operator, number: next + index, bytes, replaces: false });
          }
        }
      }
    }
    return { epoch, standings, deltas };
  }

  apply({ epoch, standings, deltas }: CheckpointChange): void {
    assert(epoch > this.#epoch, "C1: epochs increase");
    this.#epoch = epoch;
    for (const [cell, standing] of standings) {
      const record = this.#cells.get(cell);
      if (record === undefined) this.#cells.set(cell, { deltas: new Map(), standing });
      else record.standing = standing;
    }
    for (const { replaces, ...delta } of deltas) {
      const record = this.#cells.get(delta.cell);
      assert(record !== undefined, "C2: state comes with the standing of its cell");
      const kept = record.deltas.get(delta.operator) ?? [];
      record.deltas.set(delta.operator, replaces ? [delta] : [...kept, delta]);
    }
  }
}

function byOperator(parts: readonly CellSnapshot[]): ReadonlyMap<string, Uint8Array[]> {
  const deltas = new Map<string, Uint8Array[]>();
  for (const part of parts) {
    for (const [operator, delta] of Object.entries(part.deltas)) {
      const fresh = deltas.get(operator) ?? [];
      fresh.push(delta);
      deltas.set(operator, fresh);
    }
  }
  return deltas;
}

function merged(operator: string, deltas: readonly Uint8Array[]): Uint8Array {
  return encodeDelta(
    operator,
    mergedEntries(deltas).filter(([, , present]) => present),
  );
}
