/**
 * BarrierAligner: when a cell with several inputs has reached a barrier. Aligned (exactly-once), an input that has
 * delivered barrier n is held back until all others have; counted (at-least-once), no input waits.
 *
 * Either way the cell snapshots epoch n when the lowest of its inputs' highest barriers reaches n. Numbers of cancelled
 * epochs are missing or passed on like any other.
 *
 * Invariants
 *  B1  the barriers of an input increase (P2).
 *  B2  aligned: at a release all inputs stand at the same barrier (P2).
 */

import { assert, mutated } from "../../runtime/index.ts";

export type Alignment = "aligned" | "counted";

export class BarrierAligner {
  readonly #alignment: Alignment;
  readonly #highest: number[];
  #released: number;

  /** @param epoch the last one that the cell has snapshotted */
  constructor(inputCount: number, alignment: Alignment, epoch: number) {
    this.#alignment = alignment;
    this.#highest = new Array<number>(inputCount).fill(epoch);
    this.#released = epoch;
  }

  /** Whether an input has to wait for the others. */
  holdsBack(input: number): boolean {
    if (mutated("aligner.no-alignment")) return false;
    return this.#alignment === "aligned" && this.isAhead(input);
  }

  /** Whether an input has delivered a barrier that the cell has not reached. */
  isAhead(input: number): boolean {
    return (this.#highest[input] as number) > this.#released;
  }

  /** Whether others have delivered a barrier that an input has not. */
  isBehind(input: number): boolean {
    return this.#highest.some((highest) => highest > (this.#highest[input] as number));
  }

  /** The last barrier that an input has delivered. */
  highestOf(input: number): number {
    return this.#highest[input] as number;
  }

  /** True when no input has delivered a barrier that others have not. */
  get isLevel(): boolean {
    return this.#highest.every((highest) => highest === this.#highest[0]);
  }

  /** A barrier was taken from an input. Returns the epoch to snapshot now; undefined while others have not delivered it. */
  onBarrier(input: number, epoch: number): number | undefined {
    assert(epoch > (this.#highest[input] as number), "B1: the barriers of an input increase");
    this.#highest[input] = epoch;
    const lowest = mutated("aligner.first-barrier") ? epoch : Math.min(...this.#highest);
    if (lowest <= this.#released) return undefined;
    assert(
      this.#alignment === "counted" || this.#highest.every((highest) => highest === lowest),
      "B2: at a release all inputs stand at the same barrier",
    );
    this.#released = lowest;
    return lowest;
  }

  /** The upstream end of an input starts over behind `epoch`: what it had delivered since is delivered again. */
  reopen(input: number, epoch: number): void {
    if (mutated("aligner.remembers-lost")) return;
    this.#highest[input] = Math.min(this.#highest[input] as number, epoch);
  }
}
