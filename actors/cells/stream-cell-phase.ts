/** StreamCellPhase: what a stream cell is doing, and what that says about its operators. */

import type { StreamCellSpec } from "./stream-cell-spec.ts";

export type StreamCellPhase =
  | { readonly kind: "waiting" }
  | Resumed
  | Ending
  /** A barrier was reached; its snapshot is taken when the operators are quiet, were told of it, and are quiet again. */
  | { readonly kind: "snapshotting"; readonly epoch: number; readonly then: Resumed; readonly told: boolean }
  /** The end has been appended everywhere. */
  | { readonly kind: "leaving" }
  /** Events came again after the end; waits to be made anew. */
  | { readonly kind: "outdated" };

/** The input has ended; operators before `stage` have ended. That one is asked for its last results once event time is over for it. */
export interface Ending {
  readonly kind: "ending";
  readonly stage: number;
  readonly step: "reached" | "behind time" | "asked";
}

export function endingAt(stage: number): Ending {
  return { kind: "ending", stage, step: "reached" };
}

/** What a cell may be doing when it reaches a barrier, and does again behind it. */
export type Resumed =
  | { readonly kind: "working" }
  /** The input and all operators have ended, but those from `stage` on are to take dead letters, and end again. */
  | Reopened
  | { readonly kind: "ended" };

export interface Reopened {
  readonly kind: "reopened";
  readonly stage: number;
}

/** What a cell does first, when all cells are there. */
export function firstPhase({ ended, reopenedAt, stages }: StreamCellSpec): StreamCellPhase {
  if (reopenedAt !== undefined) return { kind: "reopened", stage: reopenedAt };
  return ended ? endingAt(stages.length) : { kind: "working" };
}

/** Whether operator `index`, or the source (-1), has given its last results. */
export function hasEnded(phase: StreamCellPhase, index: number): boolean {
  return isOver(phase, index) || (phase.kind === "ending" && index === phase.stage && phase.step === "asked");
}

/** Whether operator `index`, or the source (-1), has ended and was quiet behind that: it has nothing to hand out any more. */
export function isOver(phase: StreamCellPhase, index: number): boolean {
  switch (phase.kind) {
    case "waiting":
    case "working":
      return false;
    case "reopened":
    case "ending":
      return index < phase.stage;
    case "snapshotting":
      return isOver(phase.then, index);
    case "leaving":
    case "ended":
    case "outdated":
      return true;
  }
}
