/**
 * ExternalGuard: says when a thread holds so much memory outside of its heap that it must fail itself: the contents of
 * buffers, and what native code has told the platform of. No heap limit counts that. What becomes too much for the machine
 * ends the process without a word; one thread that gives up before is an ordinary failure, which names the thread.
 *
 * Invariants
 *  E1  a thread is never failed for what it has let go of: garbage is collected before it is judged.
 *
 * Not here: memory in a `SharedArrayBuffer`, which is no single thread's, and what native code tells nobody of.
 */

import { totalmem } from "node:os";
import { MillraceError } from "../errors/millrace-error.ts";
import { externalLimitMbMax, externalLimitMbMin, externalShareMax, heapCheckIntervalMs } from "../limits.ts";
import { ThreadHeap } from "./heap-guard.ts";

export interface ExternalReading {
  /** What was held after garbage was collected. */
  readonly liveBytes: number;
  readonly limitMb: number;
}

/** A thread's memory outside of its heap, as the guard sees it. */
export interface ExternalMemory {
  externalBytes(): number;
  collect(): void;
}

export class ExternalLimitError extends MillraceError {
  readonly code = "ERR_RT_EXTERNAL_LIMIT";

  constructor(threadId: number, { liveBytes, limitMb }: ExternalReading) {
    super(
      `worker thread ${threadId} holds ${Math.round(liveBytes / bytesPerMb)} MB outside of its heap (buffers, native code), ` +
        `at most ${limitMb} MB are allowed: raise externalLimitMb or keep less in memory`,
      { details: { threadId, limitMb, liveBytes } },
    );
  }
}

export class ExternalGuard {
  readonly #limitMb: number;
  readonly #memory: ExternalMemory;
  #nextCheckMs = Number.NEGATIVE_INFINITY;

  constructor(limitMb: number, memory: ExternalMemory = new ThreadHeap()) {
    this.#limitMb = limitMb;
    this.#memory = memory;
  }

  /** The reading when too much is held, undefined when all is well or the last look was less than a few ms ago. */
  check(nowMs: number): ExternalReading | undefined {
    if (nowMs < this.#nextCheckMs) return undefined;
    this.#nextCheckMs = nowMs + heapCheckIntervalMs;
    const limitBytes = this.#limitMb * bytesPerMb;
    if (this.#memory.externalBytes() <= limitBytes) return undefined;
    // What one collection lets go of is swept beside the thread, and counted until the next one.
    for (let times = 0; times < 2; times += 1) this.#memory.collect();
    const liveBytes = this.#memory.externalBytes();
    return liveBytes > limitBytes ? { liveBytes, limitMb: this.#limitMb } : undefined;
  }
}

/**
 * What a thread may hold where nothing is said.
 *
 * @param machineBytes the memory of the machine
 * @param constrainedBytes what a control group leaves of it; 0, or more than there is, where none does
 */
export function externalLimitMbDefault(
  machineBytes = totalmem(),
  constrainedBytes = process.constrainedMemory(),
): number {
  const bytes = constrainedBytes > 0 ? Math.min(machineBytes, constrainedBytes) : machineBytes;
  const limitMb = Math.floor((bytes * externalShareMax) / bytesPerMb);
  return Math.min(externalLimitMbMax, Math.max(externalLimitMbMin, limitMb));
}

const bytesPerMb = 1024 * 1024;
