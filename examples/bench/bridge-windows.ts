/**
 * The sum of the weights per bridge and second of event time, for streams in order: W3. Every contender of one thread uses
 * this class, as all do BridgeCounts: one mutable cell per key, and a new object per result.
 */

import type { BridgeEvent } from "./bridge-event.ts";

export const windowMs = 1_000;

/** A result: what passed one bridge in the second that begins at `startMs`. */
export interface BridgeSecond {
  readonly bridge: number;
  readonly startMs: number;
  readonly weight: number;
}

interface Cell {
  startMs: number;
  weight: number;
}

export class BridgeWindows {
  readonly #cells = new Map<number, Cell>();

  /** The result of the second that has ended with this event, if one has. */
  add({ bridge, ts, weight }: BridgeEvent): BridgeSecond | undefined {
    const startMs = ts - (ts % windowMs);
    const cell = this.#cells.get(bridge);
    if (cell === undefined) {
      this.#cells.set(bridge, { startMs, weight });
      return undefined;
    }
    if (cell.startMs === startMs) {
      cell.weight += weight;
      return undefined;
    }
    const ended = { bridge, startMs: cell.startMs, weight: cell.weight };
    cell.startMs = startMs;
    cell.weight = weight;
    return ended;
  }

  /** The results of the seconds that nothing has ended. */
  *open(): Generator<BridgeSecond> {
    for (const [bridge, { startMs, weight }] of this.#cells) yield { bridge, startMs, weight };
  }
}

/** The answer of W3: how many results, what they add up to, and a sum that tells which result belongs to which bridge and second. */
export class SecondsCheck {
  #results = 0;
  #weight = 0;
  #mixed = 0;

  add({ bridge, startMs, weight }: BridgeSecond): void {
    this.#results += 1;
    this.#weight += weight;
    this.#mixed = (this.#mixed + (weight + 1) * (bridge + 1) * (((startMs / windowMs) % 1_000) + 1)) % 4_294_967_296;
  }

  addAnswer([results = 0, weight = 0, mixed = 0]: readonly number[]): void {
    this.#results += results;
    this.#weight += weight;
    this.#mixed = (this.#mixed + mixed) % 4_294_967_296;
  }

  toAnswer(): number[] {
    return [this.#results, this.#weight, this.#mixed];
  }
}
