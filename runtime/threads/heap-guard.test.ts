import { describe, expect, test } from "vitest";
import { HeapGuard, HeapLimitError, heapLimitOverride } from "./heap-guard.ts";

const mb = 1024 * 1024;

describe("HeapGuard", () => {
  test("lets a thread live up to its share, and not a byte further", () => {
    let usedBytes = 60 * mb;
    const guard = new HeapGuard(100, () => usedBytes);

    expect(guard.check(0)).toBeUndefined();
    usedBytes += 1;
    expect(guard.check(1_000)).toEqual({ usedBytes: 60 * mb + 1, limitMb: 100 });
  });

  test("looks no more often than every few ms", () => {
    let looks = 0;
    const guard = new HeapGuard(100, () => {
      looks += 1;
      return 0;
    });

    for (let nowMs = 0; nowMs < 10; nowMs += 0.1) guard.check(nowMs);

    expect(looks).toBe(5);
  });

  test("reads the heap of its own thread", () => {
    expect(new HeapGuard(1).check(0)?.usedBytes).toBeGreaterThan(mb);
    expect(new HeapGuard(1_000_000).check(0)).toBeUndefined();
  });
});

describe("HeapLimitError", () => {
  test("names the thread, the use and the limit", () => {
    expect(new HeapLimitError(5, 128, 80 * mb)).toMatchObject({
      code: "ERR_RT_HEAP_LIMIT",
      message: expect.stringMatching(/worker thread 5 used 80 MB .* 128 MB; at most 60 %/),
      details: { threadId: 5, limitMb: 128, usedBytes: 80 * mb },
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
