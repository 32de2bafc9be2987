/**
 * MatchProgress: how far the matches of one key have come. Plain data, so that it is part of a checkpoint as it is.
 *
 * Invariants
 *  M1  `partial` and `held` are in the order of the events that they start with.
 */

import { type CaptureHolder, type CaptureLog, compact, emptyLog } from "./capture-log.ts";

/** A match that waits for events. Start and capture are numbers of the log. */
export interface PartialMatch extends CaptureHolder {
  readonly state: number;
  /** What it has captured was a match already. */
  readonly matched: boolean;
}

export interface MatchProgress {
  /** Of the pattern: with another one, the numbers of states would mean something else. */
  readonly shape: number;
  readonly log: CaptureLog;
  partial: PartialMatch[];
  /** Matches that a partial match with an earlier start could still leave out. */
  held: CaptureHolder[];
  /** The captures of the log at which it is compacted. */
  compactAt: number;
  /** How often it has changed; what has not changed need not be stored again. */
  changes: number;
}

const compactAtLeast = 64;

export function newProgress(shape: number): MatchProgress {
  return { shape, log: emptyLog(), partial: [], held: [], compactAt: compactAtLeast, changes: 0 };
}

/** Whether nothing has begun: there is nothing to remember. */
export function isIdle({ partial, held }: MatchProgress): boolean {
  return partial.length === 0 && held.length === 0;
}

/** Forgets captures that are in no partial match any more, once they are about half of the log. */
export function tidy(progress: MatchProgress): void {
  const { log } = progress;
  if (log.stages.length < progress.compactAt) return;
  compact(log, [...progress.partial, ...progress.held]);
  progress.compactAt = Math.max(compactAtLeast, 2 * log.stages.length);
}
