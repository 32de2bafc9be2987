/** An operator was started over while it waited for the outcome of calls; their events do not come again. */

import { MillraceError } from "../../runtime/index.ts";

export class CallAbandonedError extends MillraceError {
  readonly code = "ERR_ACT_CALL_ABANDONED";

  constructor(operator: string) {
    super(`"${operator}" was started over while a call for this event was in flight`, { details: { operator } });
  }
}
