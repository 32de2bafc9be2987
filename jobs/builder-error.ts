/** The function that describes a job threw, is async, or was used after it had returned. */

import { MillraceError } from "../runtime/index.ts";

export class BuilderError extends MillraceError {
  readonly code = "ERR_JOB_BUILDER";
}
