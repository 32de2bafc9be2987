/** What can be wrong with an input as a whole. What is wrong with one line or row of it stands in invalid-input.ts. */

import { MillraceError, printValue } from "../../runtime/index.ts";

/** The input is missing, is no file, or may not be read. */
export class InputUnreadableError extends MillraceError {
  readonly code = "ERR_ACT_INPUT_UNREADABLE";

  constructor(path: string, reason: string, cause?: unknown) {
    super(`cannot read "${path}": ${reason}`, { cause, details: { path, reason } });
  }
}

/** The input began well and then was not what it claims to be: truncated, corrupt, or failing while it was read. */
export class InputDamagedError extends MillraceError {
  readonly code = "ERR_ACT_INPUT_DAMAGED";

  constructor(origin: string, reason: string, cause?: unknown) {
    super(`"${origin}" is damaged: ${reason}`, { cause, details: { origin, reason } });
  }
}

/** A position that the input does not have (any more), so that going on would lose or repeat events. */
export class PositionLostError extends MillraceError {
  readonly code = "ERR_ACT_POSITION_LOST";

  constructor(origin: string, position: unknown, reason: string) {
    super(`"${origin}" has no position ${printValue(position)}: ${reason}`, { details: { origin, reason } });
  }
}

/** The error of a failed system call, as an unreadable input. */
export function unreadable(path: string, error: unknown): InputUnreadableError {
  return new InputUnreadableError(path, describeFailure(error), error);
}

/** What a system call says it failed of. Where a file is made if there is none, it is its directory that is missing. */
export function describeFailure(error: unknown, missing: "file" | "directory" = "file"): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  if (code === "ENOENT") return `there is no such ${missing} (ENOENT)`;
  return failureText[code] ?? code;
}

const failureText: Readonly<Record<string, string>> = {
  ENOTDIR: "a part of the path is no directory (ENOTDIR)",
  EISDIR: "it is a directory (EISDIR)",
  EACCES: "permission denied (EACCES)",
  EPERM: "operation not permitted (EPERM)",
  ENOSPC: "no space left on the device (ENOSPC)",
  EMFILE: "too many open files (EMFILE)",
  EIO: "the device reports an error (EIO)",
  EROFS: "the file system is read-only (EROFS)",
  ECONNREFUSED: "connection refused (ECONNREFUSED)",
  ECONNRESET: "connection reset by the peer (ECONNRESET)",
  EADDRINUSE: "the port is in use (EADDRINUSE)",
  EADDRNOTAVAIL: "this machine does not have the address (EADDRNOTAVAIL)",
  ENOTFOUND: "there is no such host (ENOTFOUND)",
  ETIMEDOUT: "timed out (ETIMEDOUT)",
  EPIPE: "the reader went away (EPIPE)",
};
