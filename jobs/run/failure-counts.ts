/**
 * FailureCounts: at which events the operators of one cell have failed, and how often. A checkpoint between two failures says
 * nothing: the event may still be before the operator. So counts are kept, the newest of them, and equal events share one.
 */

import { type EventFailures, OperatorFailedError } from "../../actors/index.ts";
import { errorMatches, RemoteError } from "../../runtime/index.ts";
import { failedEventsKeptMax } from "../limits.ts";

export type FailureCounts = Map<string, EventFailures>;

/** Counts a failure that names its event, which is tried again; false for any other. */
export function noteFailure(counts: FailureCounts, error: Error): boolean {
  if (!errorMatches(error, OperatorFailedError) || !(error instanceof RemoteError)) return false;
  const { operator, event } = error.details;
  if (typeof operator !== "string" || typeof event !== "string") return false;
  const key = `${operator} ${event}`;
  const count = (counts.get(key)?.count ?? 0) + 1;
  // The newest stands last.
  counts.delete(key);
  counts.set(key, { operator, event, count });
  const [oldest] = counts.keys();
  if (counts.size > failedEventsKeptMax && oldest !== undefined) counts.delete(oldest);
  return true;
}
