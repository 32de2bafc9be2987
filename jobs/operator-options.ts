/** Options that every source, operator and sink of a job takes. */

import type { Emission } from "../actors/index.ts";
import type { OperatorSupervision } from "./operator-supervision.ts";

export interface OperatorOptions {
  /** Instances; without it as many as the stream that it consumes has (the most, after a union). */
  readonly parallelism?: number;
  /** What happens when it fails; without it what `job.supervision` says. */
  readonly supervision?: OperatorSupervision;
}

/** Sources and sinks have one instance unless `parallelism` says otherwise. */
export type SourceOptions = OperatorOptions;
export type SinkOptions = OperatorOptions;

/** Options of an operator that keeps a state per key. */
export interface FoldOptions extends OperatorOptions {
  /** When the state is told: after each event (the default), once per batch and key, or once per key at the end. */
  readonly emit?: Emission;
}
