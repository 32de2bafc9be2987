import { describe, expect, test } from "vitest";
import { ExternalGuard, ExternalLimitError, externalLimitMbDefault } from "./external-guard.ts";
import { ThreadHeap } from "./heap-guard.ts";

const mb = 1024 * 1024;

/** Memory of which so much is held, and so much live. */
function memoryOf(memory: { heldMb: number; liveMb: number }) {
  const counts = { looks: 0, collections: 0 };
  return {
    counts,
    externalBytes() {
      counts.looks += 1;
      return memory.heldMb * mb;
    },
    collect() {
      counts.collections += 1;
      memory.heldMb = memory.liveMb;
    },
  };
}

describe("ExternalGuard", () => {
  test("leaves a thread alone up to the limit", () => {
    const memory = memoryOf({ heldMb: 100, liveMb: 100 });

    expect(new ExternalGuard(100, memory).check(0)).toBeUndefined();
    expect(memory.counts.collections).toBe(0);
  });

  test("lets a thread live whose buffers are garbage", () => {
    const memory = memoryOf({ heldMb: 500, liveMb: 99 });

    expect(new ExternalGuard(100, memory).check(0)).toBeUndefined();
    expect(memory.counts.collections).toBeGreaterThan(0);
  });

  test("fails a thread that holds too much", () => {
    expect(new ExternalGuard(100, memoryOf({ heldMb: 110, liveMb: 101 })).check(0)).toEqual({
      liveBytes: 101 * mb,
      limitMb: 100,
    });
  });

  test("looks no more often than every few ms", () => {
    const memory = memoryOf({ heldMb: 1, liveMb: 1 });
    const guard = new ExternalGuard(100, memory);

    for (let nowMs = 0; nowMs < 10; nowMs += 0.1) guard.check(nowMs);

    expect(memory.counts.looks).toBe(5);
  });
});

test("buffers of the own thread count while it holds them, and not when it has let go of them", () => {
  const heap = new ThreadHeap();
  const kept = { buffers: [] as Uint8Array[] };
  const guard = () => new ExternalGuard(heldMb + 32, heap);
  for (let times = 0; times < 2; times += 1) heap.collect();
  const heldMb = Math.ceil(heap.externalBytes() / mb);

  for (let count = 0; count < 64; count += 1) kept.buffers.push(new Uint8Array(mb).fill(1));
  const held = guard().check(0);
  kept.buffers.length = 0;
  const letGo = guard().check(0);

  expect(held).toEqual({ liveBytes: expect.any(Number), limitMb: heldMb + 32 });
  expect(letGo).toBeUndefined();
});

describe("a thread may hold, where nothing is said,", () => {
  test.each([
    ["half of what the machine has", 16_384, 0, 8_192],
    ["half of what a control group allows", 16_384, 4_096, 2_048],
    ["half of what the machine has, where the group allows more", 16_384, Number.MAX_SAFE_INTEGER / mb, 8_192],
    ["not less than the least", 64, 0, 64],
  ])("%s", (_, machineMb, constrainedMb, expected) => {
    expect(externalLimitMbDefault(machineMb * mb, constrainedMb * mb)).toBe(expected);
  });
});

test("the error names the thread, what it holds and the limit", () => {
  expect(new ExternalLimitError(5, { liveBytes: 80 * mb, limitMb: 64 })).toMatchObject({
    code: "ERR_RT_EXTERNAL_LIMIT",
    message: expect.stringMatching(/worker thread 5 holds 80 MB outside of its heap .*64 MB .*externalLimitMb/),
    details: { threadId: 5, limitMb: 64, liveBytes: 80 * mb },
  });
});
