/**
 * What happens to a line, row or value that is not what it should be: it becomes a dead letter and the source goes on,
 * or the source fails, or the author's function decides (a throw of it is a failure).
 */

import { MillraceError, OptionError } from "../../runtime/index.ts";
import type { PartContext } from "../operator.ts";

/** A line, row or value that is not what it should be. */
export class InvalidInputError extends MillraceError {
  readonly code = "ERR_ACT_INVALID_INPUT";

  /**
   * @param origin the path or the host and port that it came from
   * @param place where in it: `line 7`
   */
  constructor(origin: string, place: string, reason: string, cause?: unknown) {
    super(`invalid input in ${origin}, ${place}: ${reason}`, { cause, details: { origin, place, reason } });
  }
}

/** A line, row or record longer than allowed. */
export class LineTooLongError extends MillraceError {
  readonly code = "ERR_ACT_LINE_TOO_LONG";

  constructor(origin: string, place: string, lineBytesMax: number) {
    super(`${origin}, ${place}: longer than lineBytesMax (${lineBytesMax} bytes)`, {
      details: { origin, place, lineBytesMax },
    });
  }
}

export type OnInvalid = "dead-letter" | "fail" | ((error: InvalidInputError | LineTooLongError, raw: unknown) => void);

/** Checks an `onInvalid` option; throws ERR_RT_OPTION. */
export function checkOnInvalid(path: string, value: OnInvalid | undefined): OnInvalid {
  if (value === undefined) return "dead-letter";
  if (value === "dead-letter" || value === "fail" || typeof value === "function") return value;
  throw new OptionError(path, value, '"dead-letter", "fail" or a function');
}

/** Does with `raw` what the author wants done; throws when that is to fail. */
export function handleInvalid(
  onInvalid: OnInvalid,
  context: PartContext,
  error: InvalidInputError | LineTooLongError,
  raw: unknown,
): void {
  if (onInvalid === "fail") throw error;
  if (onInvalid === "dead-letter") context.deadLetter(raw, error);
  else onInvalid(error, raw);
}
