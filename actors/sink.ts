/** A sink is an operator without outputs: it takes events out of the stream. */

import type { Guarantee } from "./guarantee.ts";
import type { OperatorLogic } from "./operator.ts";

export interface SinkSpec<T> {
  /** What it writes to, for plans and errors: `stdout`, `lines`, `collect`. */
  readonly kind: string;
  /** Where it writes to, for plans and errors: a path, say. */
  readonly origin?: string;
  /** True when it lives on the thread that submitted the job, because it hands events to code there. */
  readonly onMain?: boolean;
  /** True when it cannot be chained behind another operator because it may refuse input (`ready`). */
  readonly heads?: boolean;
  /** Ties `T` to the stream whose events it takes. */
  readonly accepts?: (event: T) => void;
  /** The same sink for the changes of a table, whose deletes it carries out; absent for one that only adds. */
  readonly ofTable?: SinkSpec<never>;
  /** @param goesOn whether the job goes on from what an earlier run, or this one, has stored; absent for no */
  create(guarantee: Guarantee, goesOn?: boolean): OperatorLogic;
}
