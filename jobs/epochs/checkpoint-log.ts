/**
 * CheckpointLog: the last complete checkpoint of a run, kept on host 0. State arrives as deltas; per cell and operator
 * they are kept oldest first, and merged when there are many.
 *
 * Invariants
 *  C1  epochs increase.
 *  C2  what `restoreOf` returns is of one epoch: state, positions and ended inputs together.
 */

import { type CellRestore, type CellSnapshot, encodeDelta, mergedEntries } from "../../actors/index.ts";
import { assert } from "../../runtime/index.ts";
import { deltasKeptMax } from "../limits.ts";

interface CellRecord {
  readonly deltas: Map<string, Uint8Array[]>;
  last: CellSnapshot;
}

export class CheckpointLog {
  readonly #cells = new Map<string, CellRecord>();
  #epoch = 0;

  /** The last complete one; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Makes an epoch complete: the snapshots of all cells, by cell, oldest first for each. */
  commit(epoch: number, snapshots: ReadonlyMap<string, readonly CellSnapshot[]>): void {
    assert(epoch > this.#epoch, "C1: epochs increase");
    this.#epoch = epoch;
    for (const [cell, parts] of snapshots) for (const part of parts) this.#add(cell, part);
  }

  /** What a cell starts from; undefined before the first checkpoint. */
  restoreOf(cell: string): CellRestore | undefined {
    const record = this.#cells.get(cell);
    if (record === undefined) return undefined;
    const { position, endedInputs, ended } = record.last;
    // C2: the lists grow with the next checkpoint, what is restored from does not.
    const deltas = Object.fromEntries([...record.deltas].map(([operator, kept]) => [operator, [...kept]]));
    return { epoch: this.#epoch, deltas, position, endedInputs, ended };
  }

  #add(cell: string, snapshot: CellSnapshot): void {
    const record = this.#cells.get(cell) ?? { deltas: new Map<string, Uint8Array[]>(), last: snapshot };
    this.#cells.set(cell, record);
    record.last = snapshot;
    for (const [operator, delta] of Object.entries(snapshot.deltas)) {
      const deltas = record.deltas.get(operator) ?? [];
      deltas.push(delta);
      record.deltas.set(operator, deltas.length > deltasKeptMax ? [merged(operator, deltas)] : deltas);
    }
  }
}

function merged(operator: string, deltas: readonly Uint8Array[]): Uint8Array {
  return encodeDelta(
    operator,
    mergedEntries(deltas).filter(([, , present]) => present),
  );
}
