/** DeadLetterError: what was asked about dead letters is not possible. */

import { MillraceError } from "../../runtime/index.ts";

/** There is no such dead letter, or it cannot be resubmitted. */
export class DeadLetterError extends MillraceError {
  readonly code = "ERR_JOB_DEAD_LETTER";

  constructor(id: string, reason: string) {
    super(`dead letter ${JSON.stringify(id)} ${reason}`, { details: { id, reason } });
  }
}

/** The letters of those ids. Throws ERR_JOB_DEAD_LETTER for one that is not there, or cannot be resubmitted. */
export function checkResubmittable(
  ids: readonly string[],
  get: (id: string) => { readonly resubmittable: boolean } | undefined,
): void {
  for (const id of ids) {
    const letter = get(id);
    if (letter === undefined) throw new DeadLetterError(id, "is not there; it was taken, deleted or dropped");
    if (!letter.resubmittable) {
      throw new DeadLetterError(id, "cannot be resubmitted: it does not hold an event that its operator took");
    }
  }
}
