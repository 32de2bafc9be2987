/**
 * W3 on one of two threads, as bare as it gets: windows are sums by the number of a bridge, which a runtime does not know to be small, and
 * are told when both threads have come to their end.
 */

import { bridgeCount } from "../../bridge-event.ts";
import { SecondsCheck, windowMs } from "../../bridge-windows.ts";

interface Sums {
  readonly weights: Float64Array;
  readonly seen: Uint8Array;
}

export class PairWindows {
  readonly #open = new Map<number, Sums>();
  readonly #check = new SecondsCheck();
  #startMs = Number.NaN;
  #sums: Sums | undefined;

  add(bridge: number, ts: number, weight: number): void {
    const startMs = ts - (ts % windowMs);
    if (startMs !== this.#startMs) this.#moveTo(startMs);
    const { weights, seen } = this.#sums!;
    weights[bridge]! += weight;
    seen[bridge] = 1;
  }

  /** Event time has come so far. */
  advance(watermark: number): void {
    for (const [startMs, { weights, seen }] of this.#open) {
      if (startMs + windowMs > watermark) return;
      for (let bridge = 0; bridge < bridgeCount; bridge++) {
        if (seen[bridge] === 0) continue;
        this.#check.add({ bridge, startMs, weight: weights[bridge]! });
      }
      this.#open.delete(startMs);
      if (startMs === this.#startMs) this.#startMs = Number.NaN;
    }
  }

  toAnswer(): number[] {
    return this.#check.toAnswer();
  }

  #moveTo(startMs: number): void {
    let sums = this.#open.get(startMs);
    if (sums === undefined) {
      sums = { weights: new Float64Array(bridgeCount), seen: new Uint8Array(bridgeCount) };
      this.#open.set(startMs, sums);
    }
    this.#sums = sums;
    this.#startMs = startMs;
  }
}
