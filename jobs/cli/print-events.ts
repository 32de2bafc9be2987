/**
 * PrintEvents: what reaches the `output` and `collect` sinks of a job that was started from the command line goes to
 * standard output, one event a line, because there is no other code that could take it.
 */

import { inspect } from "node:util";
import type { CliStream } from "./cli-context.ts";

/** Writes the events as they come, no faster than they are read. Rejects when the stream fails. */
export async function printEvents(events: AsyncIterable<unknown>, stream: CliStream): Promise<void> {
  for await (const event of events) {
    if (stream.write(`${eventText(event)}\n`) === false) await stream.drained?.();
  }
}

/** JSON where the event can be written so, text as it is, and the way Node shows it otherwise. */
export function eventText(event: unknown): string {
  if (typeof event === "string") return event;
  try {
    const text = JSON.stringify(event);
    if (text !== undefined) return text;
  } catch {
    // a bigint, a cycle
  }
  return inspect(event, { breakLength: Number.POSITIVE_INFINITY });
}
