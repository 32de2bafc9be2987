/** A source or sink that cannot be shared by as many instances as the author asked for. */

import { MillraceError } from "../runtime/index.ts";
import type { PartContext } from "./operator.ts";

export class ParallelismError extends MillraceError {
  readonly code = "ERR_ACT_PARALLELISM";

  /** @param reason why, and what would be possible */
  constructor(context: PartContext, reason: string) {
    super(`"${context.operator}" cannot run with parallelism ${context.parallelism}: ${reason}`, {
      details: { operator: context.operator, parallelism: context.parallelism },
    });
  }
}

/** Throws ERR_ACT_PARALLELISM unless there is one instance only. */
export function checkSingleInstance(context: PartContext, reason: string): void {
  if (context.parallelism !== 1) throw new ParallelismError(context, reason);
}
