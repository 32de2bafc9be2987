import { beforeEach, describe, expect, test } from "vitest";
import { SystemClock, VirtualClock } from "../../runtime/index.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { EpochCoordinator } from "./epoch-coordinator.ts";
import { snapshotOf } from "./fixtures/snapshots.ts";

let clock: VirtualClock;
let started: number[];
let completed: number[];
let canStart: boolean;
let isPressed: boolean;
let coordinator: EpochCoordinator;

beforeEach(() => {
  clock = new VirtualClock();
  started = [];
  completed = [];
  canStart = true;
  isPressed = false;
  coordinator = new EpochCoordinator(clock, { intervalMs: 100, timeoutMs: 60_000 }, new MemoryStore(), ["a", "b"], {
    canStart: () => canStart,
    isPressed: () => isPressed,
    startEpoch: (epoch) => void started.push(epoch),
    completeEpoch: (epoch) => void completed.push(epoch),
    quietMs: async () => 0,
    onGivenUp: () => undefined,
    onSlow: () => undefined,
    onRetry: () => undefined,
    fail: (error) => {
      throw error;
    },
  });
});

async function acknowledge(epoch: number, ...cells: string[]): Promise<void> {
  for (const cell of cells) coordinator.acknowledge(cell, snapshotOf(epoch));
  await new Promise((resolve) => new SystemClock().soon(() => resolve(undefined)));
}

/** Whether a promise has resolved by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), Promise.resolve().then(() => false)]);
}

describe("an epoch", () => {
  test("is started an interval after the one before is complete, one at a time", async () => {
    coordinator.begin();
    clock.advance(99);
    expect(started).toEqual([]);
    clock.advance(1);
    expect(started).toEqual([1]);

    clock.advance(1_000);
    expect(started).toEqual([1]);

    await acknowledge(1, "a", "b");
    expect(completed).toEqual([1]);
    expect([coordinator.epoch, coordinator.report().completed]).toEqual([1, 1]);
    clock.advance(100);
    expect(started).toEqual([1, 2]);
  });

  test("is not started while a cell does not run, and is looked for again at the interval", async () => {
    canStart = false;
    coordinator.begin();
    clock.advance(250);
    expect(started).toEqual([]);

    canStart = true;
    clock.advance(100);

    expect(started).toEqual([1]);
  });

  test("is due for the cells that have not acknowledged it, also for one that starts over", async () => {
    coordinator.begin();
    clock.advance(100);
    await acknowledge(1, "a");
    expect([coordinator.dueFor("a"), coordinator.dueFor("b")]).toEqual([undefined, 1]);

    coordinator.startOver(["a"]);

    expect(coordinator.dueFor("a")).toBe(1);
    await acknowledge(1, "b");
    expect(completed).toEqual([]);
    await acknowledge(1, "a");
    expect(completed).toEqual([1]);
  });

  test("that was given up never completes; the next has a new number", async () => {
    coordinator.begin();
    clock.advance(100);
    await acknowledge(1, "a");
    coordinator.cancelEpoch();
    await acknowledge(1, "b");
    expect(completed).toEqual([]);

    clock.advance(100);
    expect(started).toEqual([1, 2]);
    await acknowledge(2, "a", "b");

    expect(completed).toEqual([2]);
    expect(coordinator.restoreOf("a")?.epoch).toBe(2);
  });

  test("is not started any more after the stop", async () => {
    coordinator.begin();
    await coordinator.stop();
    clock.advance(1_000);

    expect(started).toEqual([]);
  });
});

describe("the end of a run", () => {
  test("waits for an epoch that began after it", async () => {
    coordinator.begin();
    clock.advance(100);
    const done = coordinator.finish();
    await acknowledge(1, "a", "b");
    expect(await isDone(done)).toBe(false);
    expect(started).toEqual([1, 2]);

    await acknowledge(2, "a", "b");

    expect(await isDone(done)).toBe(true);
  });

  test("starts its epoch at once when none is in flight", async () => {
    coordinator.begin();
    const done = coordinator.finish();
    expect(started).toEqual([1]);

    await acknowledge(1, "a", "b");

    expect(await isDone(done)).toBe(true);
  });

  test("is no end any more when a cell starts over; epochs go on at the interval", async () => {
    coordinator.begin();
    const done = coordinator.finish();
    coordinator.startOver(["a"]);
    coordinator.unfinish();
    await acknowledge(1, "b", "a");
    expect(await isDone(done)).toBe(false);

    clock.advance(100);
    expect(started).toEqual([1, 2]);
    await acknowledge(2, "a", "b");
    expect(await isDone(done)).toBe(false);

    const again = coordinator.finish();
    await acknowledge(3, "a", "b");
    expect(await isDone(again)).toBe(true);
  });

  test("survives that its epoch is given up", async () => {
    coordinator.begin();
    const done = coordinator.finish();
    coordinator.cancelEpoch();
    clock.advance(100);
    expect(started).toEqual([1, 2]);

    await acknowledge(2, "a", "b");

    expect(await isDone(done)).toBe(true);
  });
});

describe("an epoch that is due before the interval is over", () => {
  test("starts at once, and the interval begins anew", () => {
    coordinator.begin();
    clock.advance(10);
    coordinator.startSoon();
    expect(started).toEqual([1]);

    clock.advance(1_000);
    expect(started).toEqual([1]);
  });

  test("waits for the one in flight, and follows it at once while more is kept than should be", async () => {
    coordinator.begin();
    clock.advance(100);
    coordinator.startSoon();
    expect(started).toEqual([1]);

    isPressed = true;
    await acknowledge(1, "a", "b");
    expect(started).toEqual([1, 2]);

    isPressed = false;
    await acknowledge(2, "a", "b");
    expect(started).toEqual([1, 2]);
  });

  test("waits for a cell that does not run, and never starts beside the last one, nor after the stop", async () => {
    coordinator.begin();
    canStart = false;
    coordinator.startSoon();
    expect(started).toEqual([]);

    canStart = true;
    void coordinator.finish();
    coordinator.startSoon();
    expect(started).toEqual([1]);
    await acknowledge(1, "a", "b");
    await coordinator.stop();
    coordinator.startSoon();
    expect(started).toEqual([1]);
  });
});
