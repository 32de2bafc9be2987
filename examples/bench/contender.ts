/**
 * What a peer, a limit or millrace itself offers to be measured on one workload. Its name and role stand in
 * registry.ts, so that the module of a contender is loaded only in the process that runs it.
 */

import type { RecordedLatencies } from "./latency-histogram.ts";

/** Wall time, and processor time of all threads of the process. */
export interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface RoundResult {
  /** Compared with the answer the workload expects: a fast wrong result is no result. */
  readonly answer: readonly number[];
  /** One entry per ask, tell or crash, in microseconds. */
  readonly latenciesUs?: Float64Array;
  /** The same where they are too many to be kept. */
  readonly recorded?: RecordedLatencies;
  /** What each of them is made of: by phase, in their order, an entry per crash, in microseconds. */
  readonly phasesUs?: Readonly<Record<string, Float64Array>>;
  /** What counts in the place of the whole round: the part of it in which events flow. */
  readonly flow?: Taken;
  /** The longest time, in ms, for which the garbage collector stopped a thread on which events flow. */
  readonly longestPauseMs?: number;
}

export interface Contender {
  /** Threads, connections, systems: made once, before the first round, outside the measured time. */
  setup?(): Promise<void>;
  /** Everything in here is measured. `units` is the number of what the workload counts; it is at least 1. */
  round(units: number): Promise<RoundResult>;
  teardown?(): Promise<void>;
}
