/**
 * HeapGuard: says when a thread is so close to its heap limit that it must fail itself.
 *
 * V8 contains a heap overflow in a worker only sometimes; often it aborts the process. A thread that gives up early
 * enough is an ordinary failure of one host. Early means: a growing Map or array needs up to three times its size while
 * it is copied. But most of a full heap can be garbage that V8 had no reason to collect yet (a quarter of the limit in
 * use, the rest garbage, is common), so the guard has it collected before it judges.
 *
 * Invariants
 *  G1  a thread whose live data stay below `heapLiveShareMax` of its limit is never failed.
 *
 * `heap_size_limit` is no measure of the limit: it counts the young generation several times.
 *
 * Not here: the limit itself, which the thread pool sets (piscina-thread-pool.ts); leaving the thread (host-thread.ts).
 */

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MillraceError } from "../errors/millrace-error.ts";
import { heapCheckIntervalMs, heapLiveShareMax, heapUsedShareMax } from "../limits.ts";

export interface HeapReading {
  /** What was in use after garbage was collected. */
  readonly liveBytes: number;
  readonly limitMb: number;
}

/** The platform's heap, as the guard sees it. */
export interface Heap {
  usedBytes(): number;
  /** Collects all garbage; the thread stands still meanwhile, up to a second or so per GB. */
  collect(): void;
}

export class HeapLimitError extends MillraceError {
  readonly code = "ERR_RT_HEAP_LIMIT";

  constructor(threadId: number, limitMb: number, liveBytes: number | undefined, cause?: unknown) {
    const live = liveBytes === undefined ? "all" : `${Math.round(liveBytes / bytesPerMb)} MB`;
    super(
      `worker thread ${threadId} holds ${live} of its heap limit of ${limitMb} MB, at most ${heapLiveShareMax * 100} % ` +
        "are allowed to be in use: raise heapLimitMb or keep less in memory",
      { cause, details: { threadId, limitMb, ...(liveBytes === undefined ? {} : { liveBytes }) } },
    );
  }
}

export class HeapGuard {
  readonly #limitMb: number;
  readonly #heap: Heap;
  #nextCheckMs = Number.NEGATIVE_INFINITY;

  /** @param limitMb the thread's `maxOldGenerationSizeMb` */
  constructor(limitMb: number, heap: Heap = new ThreadHeap()) {
    this.#limitMb = limitMb;
    this.#heap = heap;
  }

  /** The reading when too much is in use, undefined when all is well or the last look was less than a few ms ago. */
  check(nowMs: number): HeapReading | undefined {
    if (nowMs < this.#nextCheckMs) return undefined;
    this.#nextCheckMs = nowMs + heapCheckIntervalMs;
    if (this.#heap.usedBytes() <= this.#bytesOf(heapUsedShareMax)) return undefined;
    this.#heap.collect();
    const liveBytes = this.#heap.usedBytes();
    return liveBytes > this.#bytesOf(heapLiveShareMax) ? { liveBytes, limitMb: this.#limitMb } : undefined;
  }

  #bytesOf(share: number): number {
    return share * this.#limitMb * bytesPerMb;
  }
}

/** The heap of the calling thread. */
export class ThreadHeap implements Heap {
  #collectGarbage: (() => void) | undefined;

  usedBytes(): number {
    return getHeapStatistics().used_heap_size;
  }

  /** Contents of buffers, and what native code has told of. */
  externalBytes(): number {
    return getHeapStatistics().external_memory;
  }

  collect(): void {
    this.#collectGarbage ??= garbageCollector();
    this.#collectGarbage();
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

/** V8's own function, which it hands to contexts that are made while the flag is set. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
