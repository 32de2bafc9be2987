/** Directive: what a supervisor does about a failed child. */

import type { FailedMessageFate } from "../cells/cell-report.ts";

/**
 * - `resume`: the child goes on with its state
 * - `restart`: a new incarnation, within the restart budget and after a backoff
 * - `stop`: the child ends
 * - `escalate`: the supervisor itself fails, and its own supervisor decides
 */
export type Directive = "resume" | "restart" | "stop" | "escalate";

export const directives: readonly Directive[] = ["resume", "restart", "stop", "escalate"];

/** What is known of a failure when it is decided about. */
export interface Failure {
  readonly error: unknown;
  /** How often the message in hand has failed by now, from 1; undefined when no message was in hand. */
  readonly messageAttempt: number | undefined;
}

export type { FailedMessageFate };
export const failedMessageFates: readonly FailedMessageFate[] = ["drop", "retry", "dead-letter"];
