import { beforeEach, describe, expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { epochSlowMs } from "../limits.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { EpochCoordinator } from "./epoch-coordinator.ts";
import { EpochTimeoutError } from "./epoch-timeout-error.ts";
import { snapshotOf } from "./fixtures/snapshots.ts";

const intervalMs = 100;
const timeoutMs = 60_000;
let clock: VirtualClock;
let log: string[];
/** When what the epoch waits for moved last. */
let movedAtMs: number;
let coordinator: EpochCoordinator;

beforeEach(() => {
  clock = new VirtualClock();
  log = [];
  movedAtMs = 0;
  coordinator = new EpochCoordinator(clock, { intervalMs, timeoutMs }, new MemoryStore(), ["a", "b"], {
    canStart: () => true,
    isPressed: () => false,
    startEpoch: (epoch) => void log.push(`start ${epoch}`),
    completeEpoch: (epoch) => void log.push(`complete ${epoch}`),
    onSlow: () => undefined,
    quietMs: async () => clock.monotonicMs() - movedAtMs,
    onGivenUp: (epoch, quietMs, inRow) =>
      void log.push(`gave up ${epoch} after ${Math.round(quietMs / timeoutMs)}, ${inRow}`),
    onRetry: () => undefined,
    fail: () => undefined,
  });
  coordinator.begin();
});

async function pass(durationMs: number): Promise<void> {
  const stepMs = 1_000;
  for (let passed = 0; passed < durationMs; passed += stepMs) {
    clock.advance(Math.min(stepMs, durationMs - passed));
    for (let round = 0; round < 10; round += 1) await undefined;
  }
}

function acknowledge(epoch: number, ...cells: string[]): void {
  for (const cell of cells) coordinator.acknowledge(cell, snapshotOf(epoch));
}

describe("an epoch that nothing moves for", () => {
  test("is given up after the time allowed, and the next one starts at once", async () => {
    await pass(intervalMs);
    acknowledge(1, "a");
    await pass(timeoutMs - intervalMs - 1_000);
    expect(log).toEqual(["start 1"]);

    await pass(2_000);

    expect(log).toEqual(["start 1", "gave up 1 after 1, 1", "start 2"]);
    expect(coordinator.report()).toMatchObject({ completed: 0, givenUp: 1, inFlight: { epoch: 2, phase: "barrier" } });
  });

  test("leaves what was acknowledged for it, early or late, to the next one", async () => {
    await pass(intervalMs);
    acknowledge(1, "a");
    await pass(timeoutMs + 1_000);
    acknowledge(1, "b");
    acknowledge(2, "b");
    await pass(1);
    expect(log.at(-1)).toBe("start 2");

    acknowledge(2, "a");
    await pass(1);

    expect(log.at(-1)).toBe("complete 2");
    expect(coordinator.restoreOf("b")?.epoch).toBe(2);
  });

  test("counts with those before it, each waited for twice as long, until one is complete", async () => {
    await pass(intervalMs + 7 * timeoutMs + 5_000);
    expect(log.filter((line) => line.startsWith("gave up"))).toEqual([
      "gave up 1 after 1, 1",
      "gave up 2 after 3, 2",
      "gave up 3 after 7, 3",
    ]);

    acknowledge(4, "a", "b");
    movedAtMs = clock.monotonicMs();
    await pass(1);
    await pass(intervalMs + timeoutMs + 1_000);

    expect(log.slice(-2)).toEqual(["gave up 5 after 1, 1", "start 6"]);
  });

  test("is followed by the last one, where the run waits for that", async () => {
    const done = coordinator.finish();
    await pass(timeoutMs + 1_000);
    expect(log).toEqual(["start 1", "gave up 1 after 1, 1", "start 2"]);

    acknowledge(2, "a", "b");

    await done;
    expect(log.at(-1)).toBe("complete 2");
  });
});

test("an epoch whose cells still move is waited for, however slow they are", async () => {
  await pass(intervalMs);
  for (let minutes = 0; minutes < 60; minutes += 1) {
    await pass(50_000);
    movedAtMs = clock.monotonicMs();
  }

  expect(log).toEqual(["start 1"]);
  expect(coordinator.report().inFlight?.forMs).toBeGreaterThan(40 * 60_000);
});

test("an epoch that all have acknowledged, or that was cancelled, is looked at no more", async () => {
  await pass(intervalMs);
  acknowledge(1, "a", "b");
  await pass(1);
  await pass(intervalMs);
  coordinator.cancelEpoch();
  await coordinator.stop();
  await pass(10 * timeoutMs + epochSlowMs);

  expect(log).toEqual(["start 1", "complete 1", "start 2"]);
});

test("the error of a run whose epochs are given up says which, and what they waited for", () => {
  const waits = ['"out" has taken no input for 900.0 s'];

  expect(new EpochTimeoutError(12, 3, 900_000.4, waits)).toMatchObject({
    code: "ERR_JOB_EPOCH_TIMEOUT",
    message:
      "epoch 12 is given up, as 2 before it: nothing that it waits for has moved for 900000 ms: " +
      '"out" has taken no input for 900.0 s',
    details: { epoch: 12, inRow: 3 },
  });
});
