/** slowEpochText: says what holds up an epoch, so that a checkpoint that does not come is no riddle. */

import { epochSlowMs } from "../limits.ts";

/** Operators named in one warning; further ones are counted. */
const namedMax = 10;

export interface SlowEpoch {
  readonly epoch: number;
  /** What it waits for, in words; empty when its checkpoint is being written. */
  readonly waits: readonly string[];
  /** Where checkpoints are written. */
  readonly place: string;
  /** Whether sources pause until it is complete. */
  readonly isPaused: boolean;
}

export function slowEpochText({ epoch, waits, place, isPaused }: SlowEpoch): string {
  const named = waits.slice(0, namedMax).join("; ");
  const further = waits.length > namedMax ? `; and ${waits.length - namedMax} more` : "";
  const what = waits.length === 0 ? `its checkpoint is being written to ${place}` : `${named}${further}`;
  const pause = isPaused ? "; sources pause meanwhile" : "";
  return `epoch ${epoch} is not complete after ${epochSlowMs} ms: ${what}${pause}`;
}
