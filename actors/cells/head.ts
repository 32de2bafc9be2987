/** Head: where the events of a stream cell come from: the inputs of an operator, or the reader of a source. */

import type { Position, SourceProgress } from "../source.ts";
import type { ChannelWatermark } from "../time/input-watermarks.ts";
import type { Watermark } from "../time/watermark.ts";
import type { StreamSignal } from "./stream-signal.ts";

/**
 * Whether there may be more work now, only after a wake-up, or never again; or a barrier was reached, or event time moved, or the
 * input that the operator awaits is over.
 */
export type HeadResult = "more" | "idle" | "ended" | HeadNews;

export type HeadNews =
  | { readonly barrier: number }
  | { readonly watermark: Watermark }
  | { readonly inputOver: number };

/** After the end: a barrier was reached, or came what a sender which started over sends again, or nothing did. */
export type HeadResultAfterEnd = "idle" | "replayed" | { readonly barrier: number };

/** An input of a cell, in event time. */
export interface InputStanding extends Watermark {
  readonly channel: number;
  /** For how long its watermark has not moved, in ms. */
  readonly forMs: number;
}

export interface Head {
  /** How long the inputs waited, at the barrier that was reached last, for the last of them to deliver it. */
  readonly alignmentMs: number;
  /** Whether it must read no further for now. */
  readonly isPaused: boolean;
  start?(): Promise<void>;
  /** All cells of the job are there. */
  begin(): void;
  /** One unit of work: at most one batch into the chain. */
  work(): HeadResult;
  /**
   * The cell has ended: events that still come are taken and thrown away, so that nobody upstream waits for credit, unless
   * they are part of a replay; barriers are not.
   */
  workAfterEnd(): HeadResultAfterEnd;
  /** Takes note of a signal that is for the head. */
  signal(signal: StreamSignal): void;
  /** Starts over what failed. */
  restart(incarnation: number): Promise<void>;
  progress(): SourceProgress | undefined;
  /** Where a replayable source stands. */
  position(): Position | undefined;
  /** Channels that have delivered their end before the barrier of an epoch. */
  endedInputs(epoch: number): readonly number[];
  /** Where its inputs stood, in event time, at the barrier of an epoch. */
  watermarks(epoch: number): readonly ChannelWatermark[];
  /** Where its inputs stand now, in event time. */
  inputs(): readonly InputStanding[];
  /** The checkpoint of an epoch is complete. */
  complete?(epoch: number): void;
  stop(): Promise<void>;
}
