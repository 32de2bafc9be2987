/** PeakMemoryMb: the highest resident memory of this process so far. */

import { readFileSync } from "node:fs";

/** On Linux not what `resourceUsage` says: that begins with the memory of the process that started this one. */
export function peakMemoryMb(): number {
  try {
    const kb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    if (kb !== undefined) return Number(kb) / 1024;
  } catch {
    // Not on Linux.
  }
  return process.resourceUsage().maxRSS / 1024;
}
