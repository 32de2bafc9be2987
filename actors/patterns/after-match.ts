/**
 * AfterMatch: which matches come out, and what they leave out. With anything but "noSkip", matches come out in the order of
 * the events that they start with: one waits as long as a partial match with an earlier start could leave it out.
 */

import { type CaptureHolder, type CaptureLog, pathOf } from "./capture-log.ts";
import type { MatchProgress } from "./match-progress.ts";
import type { AfterMatch, StageDefinition } from "./pattern-definition.ts";

/** Stops what starts with the event `before`, or earlier. */
export type Skip = (log: CaptureLog, match: CaptureHolder) => number;

/** Undefined for "noSkip". */
export function skipOf(afterMatch: AfterMatch, stages: readonly StageDefinition[]): Skip | undefined {
  if (afterMatch === "noSkip") return undefined;
  if (afterMatch === "skipToNext") return (_log, { start }) => start;
  if (afterMatch === "skipPastLast") return (log, { capture }) => log.events[capture]!;
  const isFirst = "skipToFirst" in afterMatch;
  const name = isFirst ? afterMatch.skipToFirst : afterMatch.skipToLast;
  const stage = stages.findIndex((candidate) => candidate.name === name);
  return (log, { capture }) => {
    const captures = pathOf(log, capture).filter((at) => log.stages[at] === stage);
    const target = isFirst ? captures[0] : captures.at(-1);
    // A match without an event of the stage leaves out nothing.
    return target === undefined ? -1 : log.events[target]! - 1;
  };
}

/** Takes the next match that may come out, and what it leaves out with it; undefined when there is none. */
export function nextMatch(progress: MatchProgress, skip: Skip | undefined): CaptureHolder | undefined {
  const [match] = progress.held;
  if (match === undefined) return undefined;
  const [earliest] = progress.partial;
  if (skip !== undefined && earliest !== undefined && earliest.start < match.start) return undefined;
  progress.held.shift();
  if (skip === undefined) return match;
  const last = skip(progress.log, match);
  progress.partial = progress.partial.filter(({ start }) => start > last);
  progress.held = progress.held.filter(({ start }) => start > last);
  return match;
}
