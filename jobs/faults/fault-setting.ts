/** FaultSetting: what a process, and each thread of it, needs to know of the plan of a run under faults. Plain data. */

import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import type { PlannedFault } from "../simulation/fault-action.ts";

export interface FaultSetting {
  /** Of this run. */
  readonly id: string;
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
  /** The file that says which have struck. */
  readonly journal: string;
  /** Wall time of its start, in ms since the epoch: processes have no other time in common. */
  readonly startMs: number;
  /** After so long nothing that happens again and again does any more. */
  readonly quietAfterMs: number;
}

/** The same, with the memory that the threads of one process share. */
export interface ThreadFaultSetting extends FaultSetting {
  readonly memory: SharedArrayBuffer;
}

/** Threads that are started from now on know it; undefined: none does any more. */
export function tellThreads(id: string, setting: ThreadFaultSetting | undefined): void {
  setEnvironmentData(keyOf(id), setting);
}

export function toldToThread(id: string): ThreadFaultSetting {
  return getEnvironmentData(keyOf(id)) as unknown as ThreadFaultSetting;
}

function keyOf(id: string): string {
  return `millrace.faults.${id}`;
}
