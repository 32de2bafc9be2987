/**
 * FailedEvents: which events an operator has failed at, and how often, over its incarnations. A replay brings the event that
 * made an operator fail again; after as many failures as its policy allows it is given up, so that it cannot fail for ever.
 *
 * An event is known by a hash of its value: one that is equal counts as the same.
 */

import { createHash } from "node:crypto";
import { type Directive, encode, printValue } from "../../runtime/index.ts";

/** How often an operator has failed at an event. Crosses threads. */
export interface EventFailures {
  /** The operator's name. */
  readonly operator: string;
  /** The event, as `eventHash` names it. */
  readonly event: string;
  readonly count: number;
}

/** How often an event may fail where failures are followed by a replay, and what happens then. */
export interface ReplayPolicy {
  readonly retriesMax: number;
  /** `dead-letter`: the event is given up. `stop`: the run fails. */
  readonly whenSpent: "dead-letter" | "stop";
  /** How often earlier incarnations have failed at an event. */
  failureCount(event: string): number;
}

/** What becomes of an event that failed, and of its operator. */
export type EventVerdict =
  /** The operator starts over and is given the event again, for the time number `retry` from 1. */
  | { readonly kind: "again"; readonly event: string; readonly retry: number }
  /** The event is given up; the operator goes on, or starts over. */
  | { readonly kind: "give-up"; readonly attempts: number; readonly next: "resume" | "restart" }
  /** The run fails. */
  | { readonly kind: "fail"; readonly directive: "stop" | "escalate" };

/** @param replay undefined where no failure is followed by a replay: what is started over for does not come again */
export function verdictOnEvent(value: unknown, directive: Directive, replay: ReplayPolicy | undefined): EventVerdict {
  if (directive === "stop" || directive === "escalate") return { kind: "fail", directive };
  if (directive === "resume" || replay === undefined) return { kind: "give-up", attempts: 1, next: directive };
  const event = eventHash(value);
  const failures = replay.failureCount(event);
  if (failures < replay.retriesMax) return { kind: "again", event, retry: failures + 1 };
  if (replay.whenSpent === "stop") return { kind: "fail", directive: "stop" };
  return { kind: "give-up", attempts: failures + 1, next: "resume" };
}

/** Names an event by its value. */
function eventHash(value: unknown): string {
  return createHash("sha1").update(bytesOf(value)).digest("base64url");
}

function bytesOf(value: unknown): Uint8Array | string {
  try {
    return encode(value);
  } catch {
    return printValue(value);
  }
}
