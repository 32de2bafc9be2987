/** StreamCellPhase: where a stream cell stands between its start and the end of its stream. */

export type StreamCellPhase =
  | { readonly kind: "waiting" }
  | { readonly kind: "working" }
  /** The input has ended; operators before `stage` have ended. */
  | { readonly kind: "ending"; readonly stage: number; readonly asked: boolean }
  /** A barrier was reached; its snapshot is taken when the operators are quiet, were told of it, and are quiet again. */
  | {
      readonly kind: "snapshotting";
      readonly epoch: number;
      readonly then: "working" | "ended";
      readonly told: boolean;
    }
  /** The end has been appended everywhere. */
  | { readonly kind: "leaving" }
  | { readonly kind: "ended" }
  /** Events came again after the end; waits to be made anew. */
  | { readonly kind: "outdated" };

/** Whether operator `index` of the chain has given its last results. */
export function hasOperatorEnded(phase: StreamCellPhase, index: number): boolean {
  if (phase.kind === "snapshotting") return phase.then === "ended";
  if (phase.kind !== "ending") return phase.kind !== "waiting" && phase.kind !== "working";
  return index < phase.stage || (index === phase.stage && phase.asked);
}
