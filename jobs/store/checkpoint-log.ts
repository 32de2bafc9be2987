/**
 * CheckpointLog: the last complete checkpoint in memory. State arrives as deltas; per cell and operator they are kept oldest
 * first, and merged by tiers.
 *
 * Invariants: C1 and C2 of checkpoint-store.ts.
 */

import { type CellRestore, mergedDelta } from "../../actors/index.ts";
import { assert, mutated } from "../../runtime/index.ts";
import type { AdoptedCell } from "../upgrade/adopted-checkpoint.ts";
import { type CellStanding, type Checkpoint, copiesOf, deltasOf, standingsOf } from "./checkpoint-store.ts";
import { mergedFrom } from "./delta-tiers.ts";

interface CellRecord {
  readonly deltas: Map<string, Uint8Array[]>;
  standing: CellStanding;
}

export class CheckpointLog {
  readonly #cells = new Map<string, CellRecord>();
  readonly #deltasPerTier: number | undefined;
  #epoch = 0;
  #bytes = 0;

  /** @param deltasPerTier as of `mergedFrom` */
  constructor(deltasPerTier?: number) {
    this.#deltasPerTier = deltasPerTier;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Of all deltas. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All of the checkpoint, by cell. */
  whole(): ReadonlyMap<string, AdoptedCell> {
    return new Map([...this.#cells].map(([cell, { standing, deltas }]) => [cell, { standing, deltas }]));
  }

  /** Holds a checkpoint that was made elsewhere, in the place of its own. */
  beginWith(epoch: number, cells: ReadonlyMap<string, AdoptedCell>): void {
    assert(epoch >= this.#epoch, "C1: epochs increase");
    this.#epoch = epoch;
    this.#cells.clear();
    this.#bytes = 0;
    for (const [cell, { standing, deltas }] of cells) {
      const kept = [...deltas].map(([operator, parts]): [string, Uint8Array[]] => [operator, [...parts]]);
      this.#cells.set(cell, { standing, deltas: new Map(kept) });
      for (const bytes of kept.flatMap(([, parts]) => parts)) this.#bytes += bytes.byteLength;
    }
  }

  standingOf(cell: string): Omit<CellRestore, "deltas"> | undefined {
    const record = this.#cells.get(cell);
    return record === undefined ? undefined : { epoch: this.#epoch, ...record.standing };
  }

  restoreOf(cell: string): CellRestore | undefined {
    const record = this.#cells.get(cell);
    if (record === undefined) return undefined;
    const to = mutated("store.mixes-epochs") ? -1 : undefined;
    const deltas = [...record.deltas].map(([operator, kept]) => [operator, copiesOf(kept.slice(0, to))] as const);
    return { epoch: this.#epoch, deltas: Object.fromEntries(deltas), ...record.standing };
  }

  commit({ epoch, snapshots }: Checkpoint): void {
    assert(epoch > this.#epoch, "C1: epochs increase");
    this.#epoch = epoch;
    for (const [cell, standing] of standingsOf(snapshots)) {
      const record = this.#cells.get(cell);
      if (record === undefined) this.#cells.set(cell, { deltas: new Map(), standing });
      else record.standing = standing;
    }
    for (const { cell, operator, bytes } of deltasOf(snapshots)) {
      const record = this.#cells.get(cell);
      assert(record !== undefined, "C2: state comes with the standing of its cell");
      const kept = record.deltas.get(operator) ?? [];
      record.deltas.set(operator, kept);
      if (mutated("store.newest-delta-only")) kept.length = 0;
      kept.push(bytes);
      this.#bytes += bytes.byteLength;
      const lengths = kept.map(({ byteLength }) => byteLength);
      const from = mergedFrom(lengths, this.#deltasPerTier);
      if (from !== undefined) this.#merge(operator, kept, from);
    }
  }

  #merge(operator: string, kept: Uint8Array[], from: number): void {
    const parts = kept.splice(from);
    const merged = mergedDelta(operator, parts, from === 0);
    kept.push(merged);
    this.#bytes += merged.byteLength - parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}
