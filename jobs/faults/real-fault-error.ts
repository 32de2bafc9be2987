/** Which faults can be had on real threads and processes, and which need another process. */

import { MillraceError } from "../../runtime/index.ts";
import type { FaultAction, PlannedFault } from "../simulation/fault-action.ts";

/** A fault of a plan can be simulated, and cannot be had on real threads and processes; the message says why. */
export class FaultNotRealError extends MillraceError {
  readonly code = "ERR_JOB_FAULT_NOT_REAL";
}

/** Whether it ends the process, so that the job has to run in one of its own. */
export function isProcessFault(action: FaultAction): boolean {
  if (action.kind === "kill-process") return true;
  return "target" in action && action.target.kind === "host" && action.target.host === 0 && action.kind !== "hang";
}

/** Throws ERR_JOB_FAULT_NOT_REAL. */
export function checkReal(faults: readonly PlannedFault[]): void {
  for (const { action } of faults) {
    const why = reasonAgainst(action);
    if (why === undefined) continue;
    throw new FaultNotRealError(`the fault ${nameOf(action)} can only be simulated: ${why}`, {
      details: { kind: action.kind },
    });
  }
}

function reasonAgainst(action: FaultAction): string | undefined {
  switch (action.kind) {
    case "jump":
      return "the wall clock of the machine belongs to everybody on it";
    case "delay":
      return "ports between threads cannot be held up; hang or slow the thread that sends";
    case "poison":
      return action.when.kind === "test"
        ? "a function cannot be handed to a thread; say { equals: event } or { oneIn: 100 }"
        : undefined;
    case "hang":
      return action.by === "native" && !Number.isFinite(action.forMs)
        ? "native code that never returns would keep its process from ending; say for how long"
        : undefined;
    case "slow":
      return action.target.kind === "host" && action.target.host === 0
        ? "the first thread runs no operators that could be slow; hang it for a while"
        : undefined;
    default:
      return undefined;
  }
}

const names: Partial<Readonly<Record<FaultAction["kind"], string>>> = { jump: "jumpClock" };

function nameOf({ kind }: FaultAction): string {
  return names[kind] ?? kind;
}
