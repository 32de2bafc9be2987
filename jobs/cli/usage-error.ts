/** The command line was called in a way that is not possible. */

import { MillraceError } from "../../runtime/index.ts";

export class UsageError extends MillraceError {
  readonly code = "ERR_JOB_USAGE";
}
