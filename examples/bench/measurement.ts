/** One measured round, and the messages by which the bench and the process of a contender speak about it. */

import type { RecordedLatencies } from "./latency-histogram.ts";

export interface Measurement {
  readonly wallMs: number;
  /** User and system time of the whole process: its threads, and the garbage collector's, included. */
  readonly cpuMs: number;
  /** The highest resident memory of the process so far. */
  readonly peakMb: number;
  readonly answer: readonly number[];
  /** One entry per ask, tell or crash, in microseconds; undefined where none is measured. */
  readonly latenciesUs: Float64Array | undefined;
  /** The same where they are too many to be kept. */
  readonly recorded: RecordedLatencies | undefined;
  /** What each of them is made of, by phase; undefined where that is not measured. */
  readonly phasesUs: Readonly<Record<string, Float64Array>> | undefined;
  /** The longest pause for the collection of garbage, in ms; undefined where that is not measured. */
  readonly longestPauseMs: number | undefined;
}

export interface Latency {
  /** How many were measured. */
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly p9999Us: number;
  readonly maxUs: number;
}

/** One of the phases of which each latency is made. */
export interface Phase extends Latency {
  readonly name: string;
}

export type ToContender =
  | { readonly kind: "round"; readonly name: string; readonly units: number; readonly unitsBefore: number }
  | { readonly kind: "stop" };

export type FromContender =
  | { readonly kind: "ready" }
  | { readonly kind: "measured"; readonly measurement: Measurement }
  | { readonly kind: "failed"; readonly message: string };
