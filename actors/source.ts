/**
 * The seam between a source cell and what brings events in from outside. One `SourceReader` is one incarnation of one
 * instance of a source.
 */

import type { PartContext } from "./operator.ts";

/** What a poll says: there may be more now / nothing now, `context.wake()` will follow / never again. */
export type PollResult = "more" | "waiting" | "end";

/**
 * Where a replayable source stands in its input: plain data that msgpack can carry, given back to `open` of a later
 * incarnation. What follows the position has not been emitted yet.
 */
export type Position = unknown;

export interface SourceReader<T> {
  /**
   * Opens the input at `position`, or at its start when undefined (always, for a source that is neither replayable nor
   * acknowledging). May reject: the failure is supervised like any other.
   */
  open(context: SourceContext, position: Position | undefined): void | Promise<void>;
  /** Emits at most `eventCountMax` events, synchronously. Never blocks, never waits. */
  poll(output: SourceOutput<T>, eventCountMax: number): PollResult;
  /** The position behind the last event emitted; replayable and acknowledging sources only. */
  position?(): Position;
  /**
   * What stands before this position will not be asked for again; acknowledging sources only. Under at-least-once and
   * exactly-once it is called when the checkpoint with that position is complete; under at-most-once before the events are
   * handed on, which wait for the promise. Positions grow. A rejection is a failure of the source.
   */
  acknowledge?(position: Position): void | Promise<void>;
  /** How much of a bounded input was read, for the progress line. */
  progress?(): SourceProgress;
  close?(): void | Promise<void>;
}

export interface SourceProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: "events" | "bytes" | "rows" | "files";
}

export interface SourceContext extends PartContext {
  /** Aborted when the source is to stop: a drain, a cancel or a restart. */
  readonly signal: AbortSignal;
  /** The directory that the job was given as its `storage`; undefined when it has none. */
  readonly storage: string | undefined;
}

export interface SourceOutput<T> {
  /** An event, with its event time in ms since the epoch where the input says it. */
  emit(value: T, time?: number): void;
  /**
   * Events that are there already, all at once, each with its event time where the input says it: what `emit` does for each is done once.
   * The arrays are not changed afterwards.
   */
  emitAll(values: readonly T[], times?: readonly number[]): void;
}

/** How a source is made; what the job graph holds of it. */
export interface SourceSpec<T> {
  /** What it reads, for plans and errors: `lines`, `tcp`, `generate`. */
  readonly kind: string;
  /** Whether it ends by itself. */
  readonly bounded: boolean;
  /** Whether `open` accepts a position that `position` returned. */
  readonly replayable: boolean;
  /**
   * Whether its input delivers again what was not acknowledged; its readers have `acknowledge` and `position` then, and `open`
   * is given the position of the last checkpoint. Default false.
   */
  readonly acknowledging?: boolean;
  /**
   * Whether one that is replayable is opened at a position at little cost, however far that is, and nobody outside hears of it. It may
   * then start over whenever an operator behind it on its thread does, so that what it emits is not kept until a checkpoint is complete.
   * Default false.
   */
  readonly seeks?: boolean;
  /** Where it is sure that each of its events is a plain object with these keys, in this order, and with no others: these. */
  readonly eventKeys?: readonly string[] | undefined;
  /** Where it reads from, for plans and errors: a path, a host and port. */
  readonly origin?: string;
  create(): SourceReader<T>;
}
