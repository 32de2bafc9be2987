/**
 * FailedEvents: which events an operator has failed at, and how often, over its incarnations. A replay brings the event that
 * made an operator fail again; after as many failures as its policy allows it is given up, so that it cannot fail for ever.
 *
 * An event is known by a hash of its value: one that is equal counts as the same.
 */

import { createHash } from "node:crypto";
import { encode, printValue } from "../../runtime/index.ts";

/** How often an operator has failed at an event. Crosses threads. */
export interface EventFailures {
  /** The operator's name. */
  readonly operator: string;
  /** The event, as `eventHash` names it. */
  readonly event: string;
  readonly count: number;
}

/** Names an event by its value. */
export function eventHash(value: unknown): string {
  return createHash("sha1").update(bytesOf(value)).digest("base64url");
}

function bytesOf(value: unknown): Uint8Array | string {
  try {
    return encode(value);
  } catch {
    return printValue(value);
  }
}
