/**
 * FailureCounts: at which events the operators of one cell have failed, and how often. A failure is remembered through one
 * checkpoint and forgotten at the next: the first one behind a restart may be from before the event comes again, and
 * with every failure forgotten there, an event that always fails would never be given up.
 */

import { type EventFailures, OperatorFailedError } from "../../actors/index.ts";
import { errorMatches, RemoteError } from "../../runtime/index.ts";

export type FailureCounts = Map<string, NotedFailures>;

interface NotedFailures extends EventFailures {
  /** Whether a checkpoint was completed since the newest of them. */
  readonly isPassed: boolean;
}

/** Counts a failure that names its event. */
export function noteFailure(counts: FailureCounts, error: Error): void {
  if (!errorMatches(error, OperatorFailedError) || !(error instanceof RemoteError)) return;
  const { operator, event } = error.details;
  if (typeof operator !== "string" || typeof event !== "string") return;
  const key = `${operator} ${event}`;
  counts.set(key, { operator, event, count: (counts.get(key)?.count ?? 0) + 1, isPassed: false });
}

/** A checkpoint is complete. */
export function passCheckpoint(counts: FailureCounts): void {
  for (const [key, noted] of counts) {
    if (noted.isPassed) counts.delete(key);
    else counts.set(key, { ...noted, isPassed: true });
  }
}
