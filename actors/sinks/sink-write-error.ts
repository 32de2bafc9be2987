/** What a sink writes to has failed, has gone away, or is not what the sink left there. */

import { MillraceError } from "../../runtime/index.ts";
import { describeFailure } from "../sources/input-error.ts";

export class SinkWriteError extends MillraceError {
  readonly code = "ERR_ACT_SINK_WRITE";

  constructor(target: string, cause: unknown) {
    super(`cannot write to ${target}: ${describeFailure(cause, "directory")}`, { cause, details: { target } });
  }
}

/** A file that a sink writes exactly once was shortened, lengthened or replaced by somebody else. */
export class SinkChangedError extends MillraceError {
  readonly code = "ERR_ACT_SINK_CHANGED";

  constructor(path: string, expectedBytes: number, foundBytes: number, hint: string) {
    super(
      `"${path}" was changed by somebody else: it should hold ${expectedBytes} bytes and holds ${foundBytes}; ${hint}`,
      { details: { path, expectedBytes, foundBytes } },
    );
  }
}
