/**
 * CaptureLog: the events that the partial matches of one key have captured. Partial matches that branched from one share what
 * they captured before: a capture names the one before it, and a partial match names its last. Plain data.
 *
 * Invariants
 *  L1  a capture names an event and a capture with lower numbers than what comes behind it; so numbers grow with time, also
 *      over `compact`.
 */

import { assert } from "../../runtime/index.ts";

export interface CaptureLog {
  /** The captured events, in the order in which they were matched, and their times. */
  values: unknown[];
  times: number[];
  /** Of each capture: its stage, its event, the capture before it or `noCapture`. */
  stages: number[];
  events: number[];
  previous: number[];
}

/** What the first capture of a partial match names as the one before. */
export const noCapture = -1;

/** How far a log was filled. */
export interface LogMark {
  readonly events: number;
  readonly captures: number;
}

export function emptyLog(): CaptureLog {
  return { values: [], times: [], stages: [], events: [], previous: [] };
}

/** Returns the number of the event. */
export function addEvent(log: CaptureLog, value: unknown, time: number): number {
  log.times.push(time);
  return log.values.push(value) - 1;
}

/** Returns the number of the capture. */
export function addCapture(log: CaptureLog, stage: number, event: number, previous: number): number {
  assert(previous < log.stages.length && event < log.values.length, "L1: captures name what was there before");
  log.stages.push(stage);
  log.events.push(event);
  return log.previous.push(previous) - 1;
}

export function markOf(log: CaptureLog): LogMark {
  return { events: log.values.length, captures: log.stages.length };
}

/** Takes back what was added behind the mark. */
export function cutTo(log: CaptureLog, { events, captures }: LogMark): void {
  log.values.length = events;
  log.times.length = events;
  log.stages.length = captures;
  log.events.length = captures;
  log.previous.length = captures;
}

/** The captures of the partial match that ends with `capture`, first to last. */
export function pathOf(log: CaptureLog, capture: number): number[] {
  const path: number[] = [];
  for (let at = capture; at !== noCapture; at = log.previous[at]!) path.push(at);
  return path.reverse();
}

/** The events of one stage on that path; undefined when it has none. */
export function eventsOf(log: CaptureLog, capture: number, stage: number): unknown[] | undefined {
  let found: unknown[] | undefined;
  for (const at of pathOf(log, capture)) {
    if (log.stages[at] !== stage) continue;
    found ??= [];
    found.push(log.values[log.events[at]!]);
  }
  return found;
}

/** Something that names a capture and the event that its path begins with. */
export interface CaptureHolder {
  capture: number;
  start: number;
}

/** How many captures are on the path of a holder. */
export function heldCount(log: CaptureLog, ...holders: readonly (readonly CaptureHolder[])[]): number {
  return heldOf(log, holders.flat()).reduce((count, held) => count + held, 0);
}

/** Forgets what is on the path of no holder, and renumbers theirs. */
export function compact(log: CaptureLog, holders: readonly CaptureHolder[]): void {
  const isHeld = heldOf(log, holders);
  const eventNumbers = new Int32Array(log.values.length).fill(-1);
  isHeld.forEach((held, capture) => {
    if (held === 1) eventNumbers[log.events[capture]!] = 0;
  });
  const kept = emptyLog();
  eventNumbers.forEach((number, event) => {
    if (number === 0) eventNumbers[event] = addEvent(kept, log.values[event], log.times[event]!);
  });
  const captureNumbers = new Int32Array(log.stages.length);
  isHeld.forEach((held, capture) => {
    if (held === 0) return;
    const previous = log.previous[capture]!;
    const before = previous === noCapture ? noCapture : captureNumbers[previous]!;
    captureNumbers[capture] = addCapture(kept, log.stages[capture]!, eventNumbers[log.events[capture]!]!, before);
  });
  for (const holder of holders) {
    holder.capture = captureNumbers[holder.capture]!;
    holder.start = eventNumbers[holder.start]!;
  }
  Object.assign(log, kept);
}

/** 1 for each capture on the path of a holder. */
function heldOf(log: CaptureLog, holders: readonly CaptureHolder[]): Uint8Array {
  const isHeld = new Uint8Array(log.stages.length);
  for (const { capture } of holders) {
    for (let at = capture; at !== noCapture && isHeld[at] === 0; at = log.previous[at]!) isHeld[at] = 1;
  }
  return isHeld;
}
