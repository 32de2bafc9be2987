import { describe, expect, test } from "vitest";
import { HeapGuard, HeapLimitError, heapLimitOverride, ThreadHeap } from "./heap-guard.ts";

const mb = 1024 * 1024;

/** A heap of which so much is used, and so much live. */
function heapOf(heap: { usedMb: number; liveMb: number }) {
  const counts = { looks: 0, collections: 0 };
  return {
    counts,
    usedBytes() {
      counts.looks += 1;
      return heap.usedMb * mb;
    },
    collect() {
      counts.collections += 1;
      heap.usedMb = heap.liveMb;
    },
  };
}

describe("HeapGuard", () => {
  test("leaves a heap alone that is used up to its share", () => {
    const heap = heapOf({ usedMb: 60, liveMb: 60 });

    expect(new HeapGuard(100, heap).check(0)).toBeUndefined();
    expect(heap.counts.collections).toBe(0);
  });

  test("lets a thread live whose heap is full of garbage", () => {
    const heap = heapOf({ usedMb: 95, liveMb: 40 });

    expect(new HeapGuard(100, heap).check(0)).toBeUndefined();
    expect(heap.counts.collections).toBe(1);
  });

  test("fails a thread that holds too much", () => {
    expect(new HeapGuard(100, heapOf({ usedMb: 61, liveMb: 41 })).check(0)).toEqual({
      liveBytes: 41 * mb,
      limitMb: 100,
    });
  });

  test("looks no more often than every few ms", () => {
    const heap = heapOf({ usedMb: 1, liveMb: 1 });
    const guard = new HeapGuard(100, heap);

    for (let nowMs = 0; nowMs < 10; nowMs += 0.1) guard.check(nowMs);

    expect(heap.counts.looks).toBe(5);
  });

  test("reads the heap of its own thread", () => {
    expect(new HeapGuard(1).check(0)?.liveBytes).toBeGreaterThan(mb);
    expect(new HeapGuard(1_000_000).check(0)).toBeUndefined();
  });
});

describe("ThreadHeap", () => {
  test("collects garbage", () => {
    const heap = new ThreadHeap();
    const kept = { garbage: Array.from({ length: 1_000_000 }, (_, index) => ({ index })) };
    const beforeBytes = heap.usedBytes();

    kept.garbage.length = 0;
    heap.collect();

    expect(heap.usedBytes()).toBeLessThan(beforeBytes - 10 * mb);
    expect("gc" in globalThis).toBe(false);
  });
});

describe("HeapLimitError", () => {
  test("names the thread, the use and the limit", () => {
    expect(new HeapLimitError(5, 128, 80 * mb)).toMatchObject({
      code: "ERR_RT_HEAP_LIMIT",
      message: expect.stringMatching(/worker thread 5 holds 80 MB .* 128 MB, at most 40 %/),
      details: { threadId: 5, limitMb: 128, liveBytes: 80 * mb },
    });
  });

  test("has no figure when the platform ended the thread first", () => {
    expect(new HeapLimitError(5, 128, undefined).details).toEqual({ threadId: 5, limitMb: 128 });
  });
});

describe("heapLimitOverride", () => {
  test.each([
    [["--max-old-space-size=512"], undefined, "--max-old-space-size=512"],
    [["--max_old_space_size=512"], undefined, "--max_old_space_size=512"],
    [[], "--enable-source-maps  --max-old-space-size=4096", "--max-old-space-size=4096"],
    [["--max-old-space-size-percentage=50"], undefined, "--max-old-space-size-percentage=50"],
    [["--enable-source-maps"], "--max-http-header-size=100", undefined],
    [[], undefined, undefined],
  ])("of flags %o and NODE_OPTIONS %o is %o", (execArgv, nodeOptions, expected) => {
    expect(heapLimitOverride(execArgv, nodeOptions)).toBe(expected);
  });
});
