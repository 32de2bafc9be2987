/**
 * InputWatermarks: the watermarks of a cell's inputs, and where each of them stood at the barriers of epochs that are not
 * complete yet: a snapshot holds them as of its barrier, also where inputs are not aligned and one of them is ahead.
 *
 * Invariants
 *  W2  what a cell has told before a barrier is no more than its inputs had told before theirs: what comes behind the barrier may
 *      come again another way, and must not be late there.
 *  W3  a snapshot has no input behind what counts at its barrier, also not one that has started over since and is not there again: its
 *      operators have gone by that.
 */

import { firstWatermark, type Watermark } from "./watermark.ts";
import { WatermarkMerge } from "./watermark-merge.ts";

/** Where an input of a cell stands, by its channel. */
export type ChannelWatermark = readonly [channel: number, time: number, isIdle: boolean];

interface Mark {
  readonly epoch: number;
  readonly watermark: Watermark;
}

export class InputWatermarks {
  readonly #channels: readonly number[];
  /** By input, what it told last. */
  readonly #told: Watermark[];
  /** Of what they told, that which counts: W2. */
  readonly #merge: WatermarkMerge;
  /** By input, oldest first; the first one is of the newest complete epoch. */
  readonly #marks: Mark[][];
  /** What counted when the cell reached a barrier, the last one. */
  #reached: Mark | undefined;

  /** @param start where the inputs stood at the checkpoint of `epoch` */
  constructor(channels: readonly number[], start: readonly ChannelWatermark[], epoch: number) {
    this.#channels = channels;
    const watermarks = channels.map((channel) => {
      const found = start.find(([known]) => known === channel);
      return found === undefined ? firstWatermark : { time: found[1], isIdle: found[2] };
    });
    this.#told = [...watermarks];
    this.#merge = new WatermarkMerge(watermarks);
    this.#marks = watermarks.map((watermark) => [{ epoch, watermark }]);
  }

  get merged(): Watermark {
    return this.#merge.merged;
  }

  /** What an input told last. */
  inputAt(input: number): Watermark {
    return this.#told[input] ?? firstWatermark;
  }

  /**
   * @param isAhead whether the input has delivered a barrier that others have not: then this counts when they have
   * @returns the merged watermark when that changed
   */
  advance(input: number, { time, isIdle }: Watermark, isAhead: boolean): Watermark | undefined {
    const told = { time: Math.max(time, this.inputAt(input).time), isIdle };
    this.#told[input] = told;
    return isAhead ? undefined : this.#merge.advance(input, told);
  }

  /** The cell has reached a barrier: what its inputs have told counts, but for those that are ahead still. Returns as `advance`. */
  reached(epoch: number, isAhead: (input: number) => boolean): Watermark | undefined {
    for (const [input, told] of this.#told.entries()) if (!isAhead(input)) this.#merge.set(input, told);
    const changed = this.#merge.merge();
    this.#reached = { epoch, watermark: this.merged };
    return changed;
  }

  /** Input `input` has delivered the barrier of an epoch. */
  mark(input: number, epoch: number): void {
    this.#marks[input]?.push({ epoch, watermark: this.inputAt(input) });
  }

  /** Input `input` starts over behind the barrier of an epoch. */
  reopen(input: number, fromEpoch: number): void {
    const watermark = this.#markAt(input, fromEpoch);
    this.#told[input] = watermark;
    this.#merge.reopen(input, watermark);
    this.#marks[input] = [{ epoch: fromEpoch, watermark }];
  }

  /** Where the inputs stood at the barrier of an epoch; W3. */
  at(epoch: number): readonly ChannelWatermark[] {
    const counted = this.#reached?.epoch === epoch ? this.#reached.watermark.time : firstWatermark.time;
    return this.#channels.map((channel, input) => {
      const { time, isIdle } = this.#markAt(input, epoch);
      return [channel, Math.max(time, counted), isIdle];
    });
  }

  /** Nothing before the checkpoint of `epoch` will be asked for any more. */
  complete(epoch: number): void {
    for (const marks of this.#marks) {
      const newest = marks.findLastIndex((mark) => mark.epoch <= epoch);
      if (newest > 0) marks.splice(0, newest);
    }
  }

  #markAt(input: number, epoch: number): Watermark {
    return this.#marks[input]?.findLast((mark) => mark.epoch <= epoch)?.watermark ?? firstWatermark;
  }
}
