/**
 * EpochLedger: which epoch is in flight, and which cells have acknowledged it with their snapshot. Pure: who sends what
 * stands in epoch-coordinator.ts.
 *
 * Invariants
 *  E1  one epoch is in flight at a time, and numbers are never used again.
 *  E2  an epoch is complete when every cell has acknowledged it since it last started over.
 *  E3  no delta is lost: what was acknowledged for a cancelled epoch is part of the next complete one, unless its cell
 *      started over meanwhile.
 */

import type { CellSnapshot } from "../../actors/index.ts";
import { assert, mutated } from "../../runtime/index.ts";

export class EpochLedger {
  readonly #cells: ReadonlySet<string>;
  /** By cell, oldest first: what was acknowledged since the last complete epoch. */
  readonly #parts = new Map<string, CellSnapshot[]>();
  #newest: number;
  #complete: number;
  #inFlight: number | undefined;

  /** @param epoch the newest number that was used before */
  constructor(cells: Iterable<string>, epoch: number) {
    this.#cells = new Set(cells);
    this.#newest = epoch;
    this.#complete = epoch;
  }

  /** The epoch in flight. */
  get inFlight(): number | undefined {
    return this.#inFlight;
  }

  /** Starts the next epoch; returns its number. */
  start(): number {
    assert(this.#inFlight === undefined, "E1: one epoch is in flight at a time");
    if (!mutated("ledger.reuses-numbers") || this.#newest === this.#complete) this.#newest += 1;
    this.#inFlight = this.#newest;
    return this.#newest;
  }

  /** A cell acknowledged. Returns the snapshots by cell when that completes the epoch in flight. */
  acknowledge(cell: string, snapshot: CellSnapshot): ReadonlyMap<string, readonly CellSnapshot[]> | undefined {
    assert(this.#cells.has(cell), "E2: only cells of the run acknowledge");
    const parts = this.#parts.get(cell) ?? [];
    if (mutated("ledger.drops-given-up")) parts.length = 0;
    parts.push(snapshot);
    this.#parts.set(cell, parts);
    if (!this.#isComplete()) return undefined;
    const complete = new Map(this.#parts);
    this.#parts.clear();
    this.#complete = snapshot.epoch;
    this.#inFlight = undefined;
    return complete;
  }

  /** Whether a cell has acknowledged the epoch in flight. */
  hasAcknowledged(cell: string): boolean {
    return this.#inFlight !== undefined && this.#parts.get(cell)?.at(-1)?.epoch === this.#inFlight;
  }

  /** Cells that have not acknowledged the epoch in flight. */
  get missing(): readonly string[] {
    return this.#inFlight === undefined ? [] : [...this.#cells].filter((cell) => !this.hasAcknowledged(cell));
  }

  /** The cell starts over from the last complete epoch: what it acknowledged since is forgotten. */
  forget(cell: string): void {
    if (!mutated("ledger.keeps-lost")) this.#parts.delete(cell);
  }

  /** Gives the epoch in flight up; what was acknowledged for it is kept for the next one. */
  cancel(): void {
    this.#inFlight = undefined;
  }

  #isComplete(): boolean {
    if (this.#inFlight === undefined) return false;
    let missingAllowed = mutated("ledger.one-missing") ? 1 : 0;
    for (const cell of this.#cells) if (!this.hasAcknowledged(cell) && missingAllowed-- <= 0) return false;
    return true;
  }
}
