/** catalogueIds: which entries of the fault catalogue (docs/fault-catalogue.md) a fault of the swarm is. */

import type { FaultAction } from "../fault.ts";
import type { Trouble } from "./swarm-troubles.ts";

/** Of a fault inside the functions of a job. */
export function idsOfTrouble(fault: Trouble): readonly string[] {
  switch (fault.kind) {
    case "sink":
      return ["F47"];
    case "acknowledge":
    case "read":
    case "first-read":
      return ["F46"];
    case "open":
      return ["F07"];
    case "poison":
      return ["F44"];
  }
}

/** A death in the middle of a step: of a thread, or of the process by its first thread. */
export function idsOfDeath(action: FaultAction): readonly string[] {
  return [action.kind === "kill-process" ? "F32" : "F08", ...idsOfAction(action)];
}

export function idsOfAction(action: FaultAction): readonly string[] {
  switch (action.kind) {
    case "crash":
      return ["F01", "F25"];
    case "exit":
      return ["F05"];
    case "stray-throw":
      return ["F03"];
    case "stray-reject":
      return ["F04"];
    case "overflow-heap":
      return ["F16"];
    case "fail":
      return action.thrown === "error" ? ["F02"] : ["F06"];
    case "poison":
      return ["F44", "F10"];
    case "fail-start":
      return ["F07"];
    case "stall":
      return ["F27"];
    case "fail-commit":
      return ["F47"];
    case "hang":
      if (action.target.kind === "host" && action.target.host === 0) return ["F14"];
      return action.forMs >= hangMs ? ["F11"] : ["F15"];
    case "slow":
      return ["F13"];
    case "delay":
      return ["F20"];
    case "kill-process":
      return ["F30"];
    case "fail-write":
      return action.count > 1 ? ["F38"] : ["F39"];
    case "slow-write":
      return ["F40"];
    case "jump":
      return ["F49"];
  }
}

/** A thread that stands still for so long is replaced by its watchdog. */
const hangMs = 1_000;
