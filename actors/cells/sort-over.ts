/**
 * sortOver: the loop of an operator that gives events their times and of the one behind it that tells them apart. Events that lie in memory are
 * looked at once, and not batch by batch; what it does for one is short, so that the first looks at many of them are under way at the same
 * time (docs/decisions/0087).
 *
 * It is copied for the functions that it calls, and names nothing but its parameters (own-copy.ts).
 */

import type { EventStep, Sorter, Timekeeper } from "../operator.ts";
import type { RunInHand, StepSlot } from "./event-steps.ts";

/** The two operators, each of which tells a progress of its own. */
export interface TimedAndSorted {
  readonly timeOf: EventStep["fn"];
  readonly timekeeper: Timekeeper;
  readonly timed: StepSlot;
  readonly outputOf: EventStep["fn"];
  readonly context: EventStep["context"];
  readonly sorter: Sorter;
  readonly sorted: StepSlot;
  /** Whether `outputOf` may ask for more than the event. */
  readonly mayAsk: boolean;
}

/**
 * What an operator has in hand is written down where its function may ask for it, or has failed. The places of `times` are those that
 * `Timekeeper` says, as numbers.
 */
export function sortOver(
  operators: TimedAndSorted,
  progress: Int32Array,
  hand: RunInHand,
  values: readonly unknown[],
  from: number,
  to: number,
): void {
  const { timekeeper, timed, context, sorter, sorted, mayAsk } = operators;
  const timeOf = operators.timeOf as (value: unknown) => unknown;
  const outputOf = operators.outputOf as (value: unknown, context: unknown) => number;
  const { times } = timekeeper;
  const { taken } = sorter;
  let latest = times[2]!;
  let newest = times[1]!;
  let told = hand.toldBefore + 1;
  let index = from;
  let time = 0;
  let timeless = 0;
  try {
    for (; index < to; index += 1) {
      const value = values[index];
      progress[0] = told;
      const found = timeOf(value);
      if (typeof found === "number" && found >= 0 && found <= latest) time = found;
      else {
        timed.given = { value };
        time = timekeeper.timeOf(value, found);
        timed.given = undefined;
        latest = times[2]!;
      }
      if (time >= 0) {
        if (time > newest) newest = time;
        progress[0] = told + 1;
        if (mayAsk) {
          sorted.given = { value };
          times[0] = time;
        }
        const output = outputOf(value, context);
        if (output >= 0) taken[output]!.add(value, time);
        else {
          sorted.given = { value };
          times[0] = time;
          sorter.unmatched(value);
        }
      } else timeless += 1;
      told += 2;
    }
  } catch (error) {
    const isTimed = hand.place === 0;
    (isTimed ? timed : sorted).given = { value: values[index] };
    times[0] = time;
    if (isTimed) timeless += 1;
    index += 1;
    throw error;
  } finally {
    times[1] = newest;
    timed.passed = index - from - timeless;
  }
}
