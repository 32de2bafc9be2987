/** Passer: what takes events of a source one by one, as they are emitted, in the place of batches. */

import type { SourceOutput } from "../source.ts";

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
