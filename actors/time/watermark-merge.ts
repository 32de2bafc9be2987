/**
 * WatermarkMerge: one watermark from those of several inputs: the lowest of the inputs that are not idle and have not ended.
 * Pure.
 *
 * When all that are left are idle, so is the whole, at the highest watermark any of them has reached: otherwise the result
 * would depend on which of them fell idle first. Inputs that have ended hold nobody up, and do not let idle ones be passed by.
 *
 * Invariant
 *  W1  the merged watermark never goes back (P6).
 */

import { mutated } from "../../runtime/index.ts";
import { firstWatermark, lastWatermark, type Watermark } from "./watermark.ts";

export class WatermarkMerge {
  readonly #inputs: Watermark[];
  #merged: Watermark = firstWatermark;

  /** @param inputs where each of them stands */
  constructor(inputs: readonly Watermark[]) {
    this.#inputs = [...inputs];
    this.merge();
  }

  get merged(): Watermark {
    return this.#merged;
  }

  inputAt(index: number): Watermark {
    return this.#inputs[index] ?? firstWatermark;
  }

  /** Input `index` has come so far; one that goes back stays where it was. Returns the merged watermark when that changed. */
  advance(index: number, watermark: Watermark): Watermark | undefined {
    this.set(index, watermark);
    return this.merge();
  }

  /** As `advance`, with the merging left to `merge`: for who changes many inputs at a time. One behind the last is a new one. */
  set(index: number, { time, isIdle }: Watermark): void {
    this.#inputs[index] = { time: Math.max(time, this.inputAt(index).time), isIdle };
  }

  /** Input `index` starts over from where it was. What was merged stays (W1). */
  reopen(index: number, watermark: Watermark): void {
    this.#inputs[index] = watermark;
  }

  /** Returns the merged watermark when it changed. */
  merge(): Watermark | undefined {
    const { merged } = this;
    // Nobody has said anything yet; inputs that have ended are inputs.
    if (this.#inputs.length === 0) return undefined;
    let lowest = lastWatermark.time;
    let highest = firstWatermark.time;
    let isIdle = false;
    let hasActive = false;
    for (const input of this.#inputs) {
      if (input.time === lastWatermark.time) continue;
      highest = Math.max(highest, input.time);
      if (input.isIdle) isIdle = true;
      else {
        hasActive = true;
        lowest = Math.min(lowest, input.time);
      }
    }
    if (hasActive) isIdle = false;
    const time = Math.max(merged.time, isIdle || mutated("watermarks.highest-counts") ? highest : lowest);
    if (time === merged.time && isIdle === merged.isIdle) return undefined;
    this.#merged = { time, isIdle };
    return this.#merged;
  }
}
