/** FailureCounts: at which events the operators of one cell have failed, and how often, since the last checkpoint. */

import { type EventFailures, OperatorFailedError } from "../../actors/index.ts";
import { errorMatches, RemoteError } from "../../runtime/index.ts";

export type FailureCounts = Map<string, EventFailures>;

/** Counts a failure that names its event. */
export function noteFailure(counts: FailureCounts, error: Error): void {
  if (!errorMatches(error, OperatorFailedError) || !(error instanceof RemoteError)) return;
  const { operator, event } = error.details;
  if (typeof operator !== "string" || typeof event !== "string") return;
  const key = `${operator} ${event}`;
  counts.set(key, { operator, event, count: (counts.get(key)?.count ?? 0) + 1 });
}
