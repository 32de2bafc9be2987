/** MemoryLimits: what a worker thread may keep in memory, from what was asked for and what the machine has. */

import { wholeNumber } from "../errors/option-error.ts";
import {
  externalLimitMbMax,
  externalLimitMbMin,
  heapLimitMbDefault,
  heapLimitMbMax,
  heapLimitMbMin,
} from "../limits.ts";
import { externalLimitMbDefault } from "./external-guard.ts";

export interface MemoryLimits {
  /** Old-space limit in MB. */
  readonly heapLimitMb: number;
  /** Outside of the heap, in MB. */
  readonly externalLimitMb: number;
}

/** Throws ERR_RT_OPTION. */
export function memoryLimits({
  heapLimitMb = heapLimitMbDefault,
  externalLimitMb = externalLimitMbDefault(),
}: {
  readonly heapLimitMb?: number | undefined;
  readonly externalLimitMb?: number | undefined;
}): MemoryLimits {
  return {
    heapLimitMb: wholeNumber("heapLimitMb", heapLimitMb, heapLimitMbMin, heapLimitMbMax),
    externalLimitMb: wholeNumber("externalLimitMb", externalLimitMb, externalLimitMbMin, externalLimitMbMax),
  };
}
