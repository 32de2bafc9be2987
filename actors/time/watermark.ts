/**
 * Watermark: how far event time has come on a stream. `time` promises that no further event with an event time at or before
 * it follows; Infinity comes before the end of a stream. A stream that is idle has no events for now and holds nobody up.
 */

export interface Watermark {
  /** In ms since the epoch; -Infinity before the first one. */
  readonly time: number;
  readonly isIdle: boolean;
}

/** Of a stream that has said nothing yet. */
export const firstWatermark: Watermark = { time: Number.NEGATIVE_INFINITY, isIdle: false };

/** In front of the end of a stream. */
export const lastWatermark: Watermark = { time: Number.POSITIVE_INFINITY, isIdle: false };
