/** One measured round, and the messages by which the bench and the process of a contender speak about it. */

export interface Measurement {
  readonly wallMs: number;
  /** User and system time of the whole process: its threads, and the garbage collector's, included. */
  readonly cpuMs: number;
  /** The highest resident memory of the process so far. */
  readonly peakMb: number;
  readonly answer: readonly number[];
  /** One entry per ask or crash, in microseconds; undefined where none is measured. */
  readonly latenciesUs: Float64Array | undefined;
  /** What each of them is made of, by phase; undefined where that is not measured. */
  readonly phasesUs: Readonly<Record<string, Float64Array>> | undefined;
}

export interface Latency {
  /** How many were measured. */
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** One of the phases of which each latency is made. */
export interface Phase extends Latency {
  readonly name: string;
}

export type ToContender = { readonly kind: "round"; readonly units: number } | { readonly kind: "stop" };

export type FromContender =
  | { readonly kind: "ready" }
  | { readonly kind: "measured"; readonly measurement: Measurement }
  | { readonly kind: "failed"; readonly message: string };
