/** CellReport: what a cell tells its supervisor. Crosses threads; those of a dead incarnation are ignored (P4). */

import type { WireError } from "../errors/wire-error.ts";

export type CellReport =
  | { readonly kind: "started"; readonly path: string; readonly incarnation: number }
  | {
      readonly kind: "failed";
      readonly path: string;
      readonly incarnation: number;
      readonly error: WireError;
      /** How often the message in hand has failed by now, from 1; null when none was in hand. */
      readonly messageAttempt: number | null;
    }
  | { readonly kind: "stopped"; readonly path: string; readonly incarnation: number }
  | { readonly kind: "note"; readonly path: string; readonly incarnation: number; readonly note: unknown };

/** What becomes of the message that made an actor fail. */
export type FailedMessageFate = "drop" | "retry" | "dead-letter";
