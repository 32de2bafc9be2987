/**
 * Aligned windows: those that begin at the same times for every key. Pure arithmetic on half-open intervals of event time, in ms.
 *
 * Invariants
 *  W1  a time is in the windows [start, end) with start <= time < end, and in no other.
 *  W2  starts are `offset` plus a multiple of `slide`, also for times before 1970.
 */

/** Half open: `start` is in it, `end` is not. In ms since the epoch. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** Windows of one size that begin every `slideMs`. Of a tumbling window slide and size are the same. */
export interface AlignedWindows {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
}

/** The start of the last window that begins at or before a time; that window may have ended by then, when slides are larger. */
export function lastStart(time: number, { slideMs, offsetMs }: AlignedWindows): number {
  return time - floorMod(time - offsetMs, slideMs);
}

/** The start of the first window that ends behind a time. */
export function firstStart(time: number, windows: AlignedWindows): number {
  return lastStart(time - windows.sizeMs, windows) + windows.slideMs;
}

/** The width of the panes that windows are made of: every start and every end of a window is one of a pane. */
export function paneMs({ sizeMs, slideMs }: AlignedWindows): number {
  let [larger, smaller] = [sizeMs, slideMs];
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** The first multiple of an interval behind a time. */
export function nextMultiple(time: number, intervalMs: number): number {
  return time - floorMod(time, intervalMs) + intervalMs;
}

/** The remainder that has the sign of the divisor. */
export function floorMod(value: number, divisor: number): number {
  const remainder = value % divisor;
  return remainder < 0 ? remainder + divisor : remainder + 0;
}
