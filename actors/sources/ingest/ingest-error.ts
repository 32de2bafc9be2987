/** What can be wrong with the log of a `durableIngest`. */

import { MillraceError } from "../../../runtime/index.ts";
import { describeFailure } from "../input-error.ts";

/** The log cannot be made or written, or what was written is not known to be on the disk; the cause says why. */
export class IngestWriteError extends MillraceError {
  readonly code = "ERR_ACT_INGEST_WRITE";

  constructor(path: string, cause: unknown) {
    super(`the ingest log ${path} cannot be written: ${describeFailure(cause)}`, { cause, details: { path } });
  }
}

/** What the log holds is not what was written to it. */
export class IngestDamagedError extends MillraceError {
  readonly code = "ERR_ACT_INGEST_DAMAGED";

  constructor(path: string, offset: number, reason: string) {
    super(
      `the ingest log ${path} is damaged at byte ${offset}: ${reason}. Put a copy of it back, or delete its directory`,
      {
        details: { path, offset, reason },
      },
    );
  }
}

/** Another source writes to the log. */
export class IngestLockedError extends MillraceError {
  readonly code = "ERR_ACT_INGEST_LOCKED";

  constructor(directory: string) {
    super(
      `the ingest log in ${directory} is used by another run, or by a thread of this one that has not ended yet: ` +
        "wait until it has, or give this source another directory",
      { details: { directory } },
    );
  }
}
