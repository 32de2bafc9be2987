/** A child failed and its supervisor passes the failure on to its own supervisor; the cause is the child's error. */

import { MillraceError } from "../errors/millrace-error.ts";

export class EscalatedError extends MillraceError {
  readonly code = "ERR_RT_ESCALATED";

  /** @param reason why the supervisor did not handle it, such as `10 restarts in 60000 ms are spent` */
  constructor(child: string, reason: string, cause: unknown) {
    super(`${child} failed and its supervisor escalates: ${reason}`, { cause, details: { child, reason } });
  }
}
