/** OperatorCounters: what one instance of one operator has done, in events. */

/** Kept over restarts on its thread. */
export interface OperatorCounters {
  /** Events taken. */
  in: number;
  /** Events emitted, over all outputs. */
  out: number;
  /** Events given up on. */
  deadLetters: number;
  /** Events that came too late to count, in event time. */
  late: number;
  /** Of those emitted, results that are provisional: of windows that are still open. */
  early: number;
}

/** Nothing done so far. */
export const noCounters: Readonly<OperatorCounters> = Object.freeze({
  in: 0,
  out: 0,
  deadLetters: 0,
  late: 0,
  early: 0,
});
