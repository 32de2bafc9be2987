/** CellPhase: where a cell is in its life, and which phase may follow which (C4). */

import { assert } from "../assert.ts";
import type { Envelope } from "./mailbox.ts";

export type CellPhase =
  /** Only its mailbox is there. */
  | { readonly kind: "created" }
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  /** Waits for its supervisor. `next` is a failure that was reported meanwhile: it counts when the cell is resumed. */
  | {
      readonly kind: "failed";
      readonly error: unknown;
      readonly envelope: Envelope | undefined;
      next: { readonly error: unknown } | undefined;
    }
  | { readonly kind: "stopping" }
  | { readonly kind: "stopped" };

export type CellPhaseKind = CellPhase["kind"];

const legalNext: Readonly<Record<CellPhaseKind, readonly CellPhaseKind[]>> = {
  created: ["starting", "stopping"],
  // A supervisor restarts the siblings of a failed child, also those that are still starting.
  starting: ["running", "failed", "stopping", "starting"],
  running: ["failed", "stopping", "starting"],
  failed: ["running", "starting", "stopping"],
  stopping: ["stopped"],
  stopped: [],
};

/** The phase to be in from now on. Throws ERR_RT_INVARIANT for one that may not follow. */
export function enterPhase(from: CellPhase, next: CellPhase): CellPhase {
  assert(legalNext[from.kind].includes(next.kind), `C4: a cell goes from ${from.kind} to ${next.kind}`);
  return next;
}
