/** StreamEndedError: a message made an operator emit events after the end of its stream; they became dead letters. */

import { MillraceError } from "../../runtime/index.ts";

/** A message to an operator made it emit events after the end of its stream; they became dead letters. */
export class StreamEndedError extends MillraceError {
  readonly code = "ERR_ACT_STREAM_ENDED";

  constructor(operator: string, path: string) {
    super(`operator ${JSON.stringify(operator)} at ${path} emitted an event after the end of its stream`, {
      details: { operator, path },
    });
  }
}
