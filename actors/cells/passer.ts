/** Passer: what takes events of a source one by one, as they are emitted, in the place of batches. */

import type { SourceOutput } from "../source.ts";

/** How it goes on while events are emitted. Plain fields, because each event writes them. */
export interface Passing {
  /** How many more are taken. */
  room: number;
  /** How many were taken. */
  count: number;
  /** Takes what is not taken here. */
  overflow: SourceOutput<unknown>;
}

export interface Passer {
  /**
   * Takes events from now on, until `endPassing`.
   *
   * @param room how many at most
   * @param overflow takes those with times, those beyond `room`, and those behind one that has failed
   * @returns where they are to be emitted; undefined when batches are wanted
   */
  startPassing(room: number, overflow: SourceOutput<unknown>): SourceOutput<unknown> | undefined;
  /** How many events were taken since `startPassing`. */
  readonly passedCount: number;
  /** What has become of them goes on; no more are taken. Throws ERR_ACT_OPERATOR_FAILED. */
  endPassing(): void;
}

/** Where nothing has begun. */
export const noOverflow: SourceOutput<unknown> = { emit: () => undefined, emitAll: () => undefined };

/**
 * What a source is given by a passer that takes an event by `emit`.
 *
 * @param takesAll whether it takes those of an array, too; otherwise they go on as they are, and with them all that follows
 */
export function passedOutput(
  emit: SourceOutput<unknown>["emit"],
  passing: Passing,
  takesAll: boolean,
): SourceOutput<unknown> {
  return {
    emit,
    emitAll(values, times) {
      if (!takesAll) passing.room = 0;
      if (passing.room === 0 || times !== undefined) return passing.overflow.emitAll(values, times);
      for (let index = 0; index < values.length; index += 1) emit(values[index]);
    },
  };
}
