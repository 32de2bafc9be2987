/** SourceFailedError: what a source that could not open or go on reading is reported with. */

import { type Directive, MillraceError, reasonOf } from "../../runtime/index.ts";

/** A source could not open or go on reading its input; the cause is its error. */
export class SourceFailedError extends MillraceError {
  readonly code = "ERR_ACT_SOURCE_FAILED";

  constructor(source: string, path: string, directive: Directive, cause: unknown) {
    super(`source ${JSON.stringify(source)} failed at ${path}: ${reasonOf(cause)}`, {
      cause,
      details: { source, path, directive },
    });
  }
}
