/** How an event is written as one line of text. */

import { MillraceError, OptionError } from "../../runtime/index.ts";

/** An event that cannot be written as a line. */
export class UnprintableEventError extends MillraceError {
  readonly code = "ERR_ACT_EVENT_UNPRINTABLE";
}

/** Makes the line of an event, without its line break. */
export type EventFormat<T> = (event: T) => string;

/** Checks a `format` option; strings stand for themselves and everything else for its JSON unless told otherwise. */
export function checkFormat<T>(path: string, format: EventFormat<T> | undefined): EventFormat<T> {
  if (format === undefined) return formatEvent;
  if (typeof format === "function") return format;
  throw new OptionError(path, format, "a function from an event to its line");
}

/** A string as it is, everything else as JSON; bigints as their digits. Throws ERR_ACT_EVENT_UNPRINTABLE. */
export function formatEvent(event: unknown): string {
  if (typeof event === "string") return event;
  try {
    const text = JSON.stringify(event, bigintAsText);
    return text === undefined ? String(event) : text;
  } catch (error) {
    throw new UnprintableEventError("an event cannot be written as JSON; give the sink a `format`", { cause: error });
  }
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
