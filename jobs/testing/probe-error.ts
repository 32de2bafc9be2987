/** ProbeError: what a test expected of a simulated job did not come, or something came that it did not expect. */

import { MillraceError } from "../../runtime/index.ts";

export class ProbeError extends MillraceError {
  readonly code = "ERR_JOB_PROBE";
}
