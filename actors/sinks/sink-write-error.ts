/** What a sink writes to has failed or gone away. */

import { MillraceError } from "../../runtime/index.ts";
import { describeFailure } from "../sources/input-error.ts";

export class SinkWriteError extends MillraceError {
  readonly code = "ERR_ACT_SINK_WRITE";

  constructor(target: string, cause: unknown) {
    super(`cannot write to ${target}: ${describeFailure(cause)}`, { cause, details: { target } });
  }
}
