/** Options that every source, operator and sink of a job takes. */

export interface OperatorOptions {
  /** Instances; without it those of the stream it consumes (1 for sources and sinks). */
  readonly parallelism?: number;
  /** What happens when it fails; without it what `job.supervision` says. */
  readonly supervision?: OperatorSupervision;
}

export type OperatorSupervision = Readonly<Record<string, unknown>>;
