/** Workload: what is counted, in which unit it is reported, and which answer is right. */

export interface Workload {
  readonly title: string;
  readonly rateLabel: string;
  /** Rates are divided by this before they are printed under `rateLabel`. */
  readonly rateScale: number;
  /** What a round has `units` of. */
  readonly unit: "events" | "asks" | "tells" | "crashes" | "ms";
  /** What single latencies are printed in; undefined where none are measured. */
  readonly latencyUnit: "us" | "ms" | undefined;
  /** How many units one round has when the user asks for `events` events. */
  unitsFor(events: number): number;
  /**
   * How many units, or none, come before a round, uncounted, so that its code is compiled: the collection before it drops what was compiled for
   * objects that are gone, as no collection does that comes by itself while there is memory.
   */
  unitsBefore(units: number): number;
  /** How many rounds are counted when the user asks for so many. */
  roundsFor(rounds: number): number;
  /**
   * Whether all contenders have one process, and threads, in common: they are the same job and the same code, and differ by less than
   * two processes of one contender do.
   */
  readonly isShared: boolean;
  expectedAnswer(units: number): readonly number[] | Promise<readonly number[]>;
}

/** Where the answers differ, for a reader; undefined when they are equal. */
export function differenceOf(expected: readonly number[], actual: readonly number[]): string | undefined {
  if (actual.length !== expected.length) return `expected ${expected.length} numbers, got ${actual.length}`;
  const index = expected.findIndex((value, position) => value !== actual[position]);
  if (index === -1) return undefined;
  return `number ${index} of the answer: expected ${expected[index]}, got ${actual[index]}`;
}
