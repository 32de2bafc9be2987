/** Options that the methods of jobs and streams take: those of every operator, and those of one kind beside them. */

import type {
  DedupeOptions,
  Emission,
  HoltWintersOptions,
  InOrderOptions,
  JoinOptions,
  JoinType,
  Key,
  LookupCacheOptions,
  LookupOptions,
  MapAsyncOptions,
  MatchOptions,
  MicroBatchOptions,
  ParseOptions,
  RunningAggregateOptions,
  SmoothOptions,
  SplitOptions,
  StateOptions,
  StateVersioning,
  ThrottleOptions,
  WindowOptions,
  ZScoreOptions,
} from "../actors/index.ts";
import type { OperatorSupervision } from "./operator-supervision.ts";

export interface OperatorOptions {
  /** Instances; without it as many as the stream that it consumes has (the most, after a union). */
  readonly parallelism?: number;
  /** What happens when it fails; without it what `job.supervision` says. */
  readonly supervision?: OperatorSupervision;
  /** Whether it works in micro-batches: it is given what came in an interval at once. Default: what `job.microBatch` says. */
  readonly microBatch?: MicroBatchOptions | false;
  /** Its name in the version of the job that took the checkpoint, when it has another one now. */
  readonly renamedFrom?: string;
}

/** Sources and sinks have one instance unless `parallelism` says otherwise. */
export type SourceOptions = Omit<OperatorOptions, "microBatch">;
export type SinkOptions = Omit<OperatorOptions, "microBatch">;

/** Options of an operator that keeps a state per key. */
export interface CountOptions extends OperatorOptions {
  /** When the state is told: after each event (the default), once per batch and key, or once per key at the end. */
  readonly emit?: Emission;
}

/** ... whose shape is the author's, and may change from version to version of the job. */
export interface FoldOptions extends CountOptions, StateVersioning {}

/** ... with a state whose shape may change, and which may be forgotten after a time. */
export interface KeptStreamOptions extends OperatorOptions, StateOptions {}

/** ... which is told after each event, once per batch and key, or once per key at the end; the latter two have no `ttl`. */
export interface AggregateStreamOptions extends OperatorOptions, RunningAggregateOptions {}

export interface DedupeStreamOptions<T> extends OperatorOptions, DedupeOptions<T> {}

export interface InOrderStreamOptions extends OperatorOptions, InOrderOptions {}

export interface SmoothStreamOptions extends OperatorOptions, SmoothOptions {}

export interface HoltWintersStreamOptions extends OperatorOptions, HoltWintersOptions {}

export interface ZScoreStreamOptions extends OperatorOptions, ZScoreOptions {}

export interface MapAsyncStreamOptions<T> extends OperatorOptions, MapAsyncOptions<T> {}

export interface JoinStreamOptions<J extends JoinType> extends OperatorOptions, JoinOptions {
  readonly type?: J;
}

export interface MatchStreamOptions extends OperatorOptions, MatchOptions {}

export interface LookupStreamOptions<T> extends OperatorOptions, MapAsyncOptions<T> {
  /** Default: none, every event is a call. */
  readonly cache?: LookupCacheOptions<T> & { readonly key: (event: T) => Key };
}

export interface KeyedLookupStreamOptions<T> extends OperatorOptions, LookupOptions<T> {}

export interface WindowStreamOptions extends OperatorOptions, WindowOptions {}

export interface ThrottleStreamOptions extends OperatorOptions, ThrottleOptions {}

export interface ParseStreamOptions extends OperatorOptions, ParseOptions {}

export interface SplitStreamOptions extends OperatorOptions, SplitOptions {}

export interface ProcessStreamOptions<O extends string> extends OperatorOptions {
  /** Names of further outputs beside "main". */
  readonly outputs: readonly O[];
}
