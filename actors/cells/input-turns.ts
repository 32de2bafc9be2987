/**
 * InputTurns: which input of a cell is taken from next. They take turns, one batch each; but one that is ahead in event time is put off for
 * one that is behind: what it brings would only wait for that, in the state of the operator. It does not have to be told to wait:
 * its sender runs out of credit, and whoever shares a thread with it gets on. Pure.
 *
 * An input that could be taken from never waits for one that has nothing: so no two cells ever wait for each other.
 *
 * Invariant
 *  I3  after `turnsPutOffMax` turns out of order one goes to the next in order: an input that is far behind, and for long, does not keep the
 *      others from being taken.
 */

import { turnsPutOffMax } from "../limits.ts";
import type { Watermark } from "../time/watermark.ts";

export interface InputTurn {
  readonly index: number;
}

export class InputTurns<Input extends InputTurn> {
  readonly #inputs: readonly Input[];
  readonly #canBeTaken: (input: Input) => boolean;
  readonly #watermarkOf: (input: Input) => Watermark;
  #next = 0;
  #putOff = 0;

  /** @param watermarkOf how far event time has come on an input, as far as it was taken from */
  constructor(
    inputs: readonly Input[],
    canBeTaken: (input: Input) => boolean,
    watermarkOf: (input: Input) => Watermark,
  ) {
    this.#inputs = inputs;
    this.#canBeTaken = canBeTaken;
    this.#watermarkOf = watermarkOf;
  }

  /** The input whose turn it is; undefined when there is none that can be taken from. */
  next(): Input | undefined {
    const inputs = this.#inputs;
    let first: Input | undefined;
    let firstTime = Number.NEGATIVE_INFINITY;
    let slowest: Input | undefined;
    let slowestTime = Number.POSITIVE_INFINITY;
    for (let looked = 0; looked < inputs.length; looked += 1) {
      const input = inputs[(this.#next + looked) % inputs.length] as Input;
      if (!this.#canBeTaken(input)) continue;
      const time = timeOf(this.#watermarkOf(input));
      if (first === undefined) {
        first = input;
        firstTime = time;
      }
      if (time !== Number.NEGATIVE_INFINITY && time < slowestTime) {
        slowest = input;
        slowestTime = time;
      }
    }
    if (first === undefined) return undefined;
    if (slowest !== undefined && slowestTime < firstTime && this.#putOff < turnsPutOffMax) {
      this.#putOff += 1;
      return slowest;
    }
    this.#putOff = 0;
    this.#next = (first.index + 1) % inputs.length;
    return first;
  }
}

/** One that holds up nobody, or has not said anything yet, is neither ahead nor behind. */
function timeOf({ time, isIdle }: Watermark): number {
  return isIdle ? Number.NEGATIVE_INFINITY : time;
}
