/** StageSpec: what one operator of a chain is made from, and where it writes what it gives up. */

import type { Address, Directive } from "../../runtime/index.ts";
import type { ReplayPolicy } from "../epochs/failed-events.ts";
import type { TakenEvent } from "../letters/event-dead-letter.ts";
import type { OperatorSpec } from "../operator.ts";

export interface StageSpec {
  /** The operator's name. */
  readonly name: string;
  readonly address: Address;
  readonly spec: Pick<
    OperatorSpec,
    "kind" | "outputs" | "maxDriftMs" | "awaitsInput" | "isEarly" | "resultKeys" | "create"
  >;
  /** The output that the next operator of the chain takes; undefined for the last one. */
  readonly chainedOutput: number | undefined;
  /**
   * How often an event may fail before it is given up, where failures are followed by a replay; undefined where they are
   * not, so that an event that failed is given up at once.
   */
  readonly replay: ReplayPolicy | undefined;
  /** What to do about an error; `resume` gives the event up and goes on. */
  readonly decide: (error: unknown) => Directive;
}

/** Writes the dead letter of what is given up. */
export type WriteLetter = (value: unknown, error: unknown, event: TakenEvent | undefined) => void;
