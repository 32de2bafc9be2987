/**
 * HeapGuard: says when a thread is so close to its heap limit that it must fail itself.
 *
 * V8 contains a heap overflow in a worker only sometimes; often it aborts the process. A thread that gives up early
 * enough is an ordinary failure of one host. `heap_size_limit` is no help: it counts the young generation several times.
 *
 * Not here: the limit itself, which the thread pool sets (piscina-thread-pool.ts); leaving the thread (host-thread.ts).
 */

import { getHeapStatistics } from "node:v8";
import { MillraceError } from "../errors/millrace-error.ts";
import { heapCheckIntervalMs, heapUsedShareMax } from "../limits.ts";

export interface HeapReading {
  readonly usedBytes: number;
  readonly limitMb: number;
}

export class HeapLimitError extends MillraceError {
  readonly code = "ERR_RT_HEAP_LIMIT";

  constructor(threadId: number, limitMb: number, usedBytes: number | undefined, cause?: unknown) {
    const used = usedBytes === undefined ? "all of it" : `${Math.round(usedBytes / bytesPerMb)} MB`;
    super(
      `worker thread ${threadId} used ${used} of its heap limit of ${limitMb} MB; ` +
        `at most ${heapUsedShareMax * 100} % may be used: raise heapLimitMb or keep less in memory`,
      { cause, details: { threadId, limitMb, ...(usedBytes === undefined ? {} : { usedBytes }) } },
    );
  }
}

export class HeapGuard {
  readonly #limitMb: number;
  readonly #readUsedBytes: () => number;
  #nextCheckMs = Number.NEGATIVE_INFINITY;

  /** @param limitMb the thread's `maxOldGenerationSizeMb` */
  constructor(limitMb: number, readUsedBytes: () => number = usedHeapBytes) {
    this.#limitMb = limitMb;
    this.#readUsedBytes = readUsedBytes;
  }

  /** The reading when too much is used, undefined when all is well or the last look was less than a few ms ago. */
  check(nowMs: number): HeapReading | undefined {
    if (nowMs < this.#nextCheckMs) return undefined;
    this.#nextCheckMs = nowMs + heapCheckIntervalMs;
    const usedBytes = this.#readUsedBytes();
    return usedBytes > heapUsedShareMax * this.#limitMb * bytesPerMb
      ? { usedBytes, limitMb: this.#limitMb }
      : undefined;
  }
}

/**
 * The flag that overrules the heap limit of every worker thread, as it was given, or undefined.
 *
 * @param execArgv the flags of the process
 * @param nodeOptions the environment variable NODE_OPTIONS
 */
export function heapLimitOverride(execArgv: readonly string[], nodeOptions: string | undefined): string | undefined {
  const flags = [...execArgv, ...(nodeOptions ?? "").split(/\s+/)];
  return flags.find((flag) => /^--max[-_]old[-_]space[-_]size/.test(flag));
}

const bytesPerMb = 1024 * 1024;

function usedHeapBytes(): number {
  return getHeapStatistics().used_heap_size;
}
