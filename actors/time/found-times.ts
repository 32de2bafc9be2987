/**
 * The loops in which `eventTime` finds the times of a batch of events, and what it says of a time that is none. They are copied for the author's
 * function, and name nothing but their parameters (own-copy.ts).
 */

import { printValue } from "../../runtime/index.ts";
import type { Output } from "../operator.ts";

/** In the place of what was found, where that is a number, or nothing yet. */
export const noneFound = Symbol("none");

/** How far a loop has come. */
export interface Reached {
  /** Behind the last event with a usable time. */
  index: number;
  /** The largest of their times. */
  newest: number;
  /** What was found in the place of the next one's time. */
  found: unknown;
}

/**
 * Finds the times of the events `from` to `to`, up to one that has no usable time. What the function returns is used as a number and as nothing else:
 * if it had to be known behind the loop each time would be made an object.
 */
export function findTimes(
  select: (event: unknown) => unknown,
  values: readonly unknown[],
  from: number,
  to: number,
  latest: number,
  output: Output,
  times: number[],
  reached: Reached,
  toNumber: typeof numberOf,
  none: symbol,
): void {
  let newest = Number.NEGATIVE_INFINITY;
  let index = from;
  try {
    for (; index < to; index += 1) {
      output.begin(index);
      const time = toNumber(select(values[index]), reached);
      if (!(time >= 0 && time <= latest)) {
        if (reached.found === none) reached.found = time;
        break;
      }
      times[index - from] = time;
      if (time > newest) newest = time;
    }
  } finally {
    reached.index = index;
    reached.newest = newest;
  }
}

/** The same for times that came with the events. */
export function checkTimes(
  given: readonly number[] | undefined,
  from: number,
  to: number,
  latest: number,
  output: Output,
  times: number[],
  reached: Reached,
): void {
  let newest = Number.NEGATIVE_INFINITY;
  let index = from;
  for (; index < to; index += 1) {
    output.begin(index);
    const time = given === undefined ? Number.NaN : given[index]!;
    if (!(time >= 0 && time <= latest)) {
      reached.found = given?.[index];
      break;
    }
    times[index - from] = time;
    if (time > newest) newest = time;
  }
  reached.index = index;
  reached.newest = newest;
}

/** Ms since the epoch; NaN for what is no time, which is noted where it is no number. */
export function numberOf(found: unknown, reached: { found: unknown }): number {
  if (typeof found === "number") return found;
  const time = found instanceof Date ? found.getTime() : Number.NaN;
  if (Number.isNaN(time)) reached.found = found;
  return time;
}

export function timeFault(found: unknown, time: number, latest: number): string {
  if (Number.isNaN(time)) {
    return `has the event time ${printValue(found)}; a Date or ms since the epoch is expected`;
  }
  if (time < 0) return `has the event time ${time}, which is before 1970`;
  return `has the event time ${time}, which is more than maxAhead in front of the wall clock (the latest allowed now is ${latest})`;
}
