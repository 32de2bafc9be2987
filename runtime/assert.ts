/** Assertions of the runtime's own invariants. They stay on in production; a failed one escalates, never resumes. */

import { MillraceError } from "./errors/millrace-error.ts";

export class InvariantError extends MillraceError {
  readonly code = "ERR_RT_INVARIANT";
}

/** @param invariant one fact, named by its number where it has one: `"I1: acknowledged <= sent"` */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new InvariantError(`invariant violated: ${invariant}`);
}
