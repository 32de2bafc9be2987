import { describe, expect, test } from "vitest";
import type { CellSnapshot } from "../../actors/index.ts";
import { VirtualClock } from "../../runtime/index.ts";
import { LetterBox } from "../letters/letter-box.ts";
import { epochSlowMs, resumedEpochMs, storeAttemptsMax, storeBackoffMsMax } from "../limits.ts";
import type { Checkpoint, CheckpointStore } from "../store/checkpoint-store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { EpochCoordinator } from "./epoch-coordinator.ts";
import { snapshotOf as snapshotAt } from "./fixtures/snapshots.ts";

const intervalMs = 100;

interface Write {
  readonly write: () => Promise<void>;
  readonly answer: PromiseWithResolvers<void>;
}

/** A store that writes when it is told to, or fails. */
class SlowStore implements CheckpointStore {
  readonly durable = false;
  readonly place = "slow";
  readonly #memory = new MemoryStore();
  readonly #writes: Write[] = [];
  attempts = 0;

  get epoch(): number {
    return this.#memory.epoch;
  }

  readonly letters = new LetterBox(10);

  standingOf(cell: string) {
    return this.#memory.standingOf(cell);
  }

  restoreOf(cell: string) {
    return this.#memory.restoreOf(cell);
  }

  commit(checkpoint: Checkpoint): Promise<void> {
    this.attempts += 1;
    const answer = Promise.withResolvers<void>();
    this.#writes.push({ write: () => this.#memory.commit(checkpoint), answer });
    return answer.promise;
  }

  answerSavepointsBy(): void {}

  checkSavepoint(): void {}

  async savepoint(name: string): Promise<string> {
    return `${name} of epoch ${this.epoch}`;
  }

  async close(): Promise<void> {}

  async finishWrite(): Promise<void> {
    const { write, answer } = this.#writes.shift() as Write;
    await write();
    answer.resolve();
    await settle();
  }

  async failWrite(): Promise<void> {
    this.#writes.shift()?.answer.reject(new Error("no space left"));
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

function snapshotOf(epoch: number): CellSnapshot {
  return { ...snapshotAt(epoch, epoch * 10), deltas: {} };
}

/** A coordinator of the cells `a` and `b`, and what it did. */
function coordinatorOf() {
  const clock = new VirtualClock();
  const store = new SlowStore();
  const log: string[] = [];
  let failure: Error | undefined;
  const coordinator = new EpochCoordinator(clock, { intervalMs, timeoutMs: 60_000 }, store, ["a", "b"], {
    canStart: () => true,
    isPressed: () => false,
    startEpoch: (epoch, isLast) => void log.push(`start ${epoch}${isLast ? " as the last" : ""}`),
    completeEpoch: (epoch) => void log.push(`complete ${epoch}`),
    quietMs: async () => 0,
    onGivenUp: () => undefined,
    onSlow: (epoch, cells) => void log.push(`slow ${epoch}: ${cells.join()}`),
    onRetry: (epoch, attempt) => void log.push(`retry ${epoch} after ${attempt}`),
    fail: (error) => {
      failure = error;
      log.push("fail");
    },
  });
  coordinator.begin();
  const acknowledge = (epoch: number) => {
    for (const cell of ["a", "b"]) coordinator.acknowledge(cell, snapshotOf(epoch));
  };
  return { coordinator, clock, store, log, acknowledge, failure: () => failure };
}

/** A coordinator whose first checkpoint is being written. */
function writing() {
  const parts = coordinatorOf();
  parts.clock.advance(intervalMs);
  parts.acknowledge(1);
  return parts;
}

test("an epoch that takes long is told once, with the cells that hold it up", () => {
  const { coordinator, clock, log } = coordinatorOf();
  clock.advance(intervalMs);
  coordinator.acknowledge("a", snapshotOf(1));

  clock.advance(epochSlowMs - 1);
  expect(log).toEqual(["start 1"]);
  clock.advance(10 * epochSlowMs);

  expect(log).toEqual(["start 1", "slow 1: b"]);
});

test("an epoch whose checkpoint takes long to write waits for no cell", () => {
  const { clock, log } = writing();
  clock.advance(2 * epochSlowMs);

  expect(log).toEqual(["start 1", "slow 1: "]);
});

test("an epoch that is complete or cancelled in time is not told", async () => {
  const { coordinator, clock, store, log } = writing();
  await store.finishWrite();
  clock.advance(intervalMs - 1);
  await coordinator.stop();
  clock.advance(2 * epochSlowMs);
  expect(log).toEqual(["start 1", "complete 1"]);

  const other = coordinatorOf();
  other.clock.advance(intervalMs);
  other.coordinator.cancelEpoch();
  void other.coordinator.stop();
  other.clock.advance(2 * epochSlowMs);

  expect(other.log).toEqual(["start 1"]);
});

describe("while a checkpoint is being written", () => {
  test("its epoch is not complete, and none starts, however long it takes", async () => {
    const { coordinator, clock, store, log } = writing();

    clock.advance(10_000_000);
    await settle();

    expect(log.filter((line) => !line.startsWith("slow"))).toEqual(["start 1"]);
    expect(coordinator.epoch).toBe(0);

    await store.finishWrite();
    clock.advance(intervalMs - 1);

    expect(log).toEqual(["start 1", "slow 1: ", "complete 1"]);
    expect(coordinator.restoreOf("a")).toMatchObject({ epoch: 1, position: 10 });

    clock.advance(1);

    expect(log.at(-1)).toBe("start 2");
    expect(store.attempts).toBe(1);
  });

  test("a restart waits, in its order, for what the store holds then", async () => {
    const { coordinator, store, log } = writing();
    const restart = (name: string) => () => void log.push(`${name} from ${coordinator.restoreOf("a")?.epoch}`);

    const held = ["first", "second"].map((name) => coordinator.hold(restart(name)));
    await settle();

    expect({ held, log }).toEqual({ held: [true, true], log: ["start 1"] });

    await store.finishWrite();

    expect(log).toEqual(["start 1", "complete 1", "first from 1", "second from 1"]);
    expect(coordinator.hold(() => log.push("held for nothing"))).toBe(false);
  });

  test("the end waits too, and gets a checkpoint of its own", async () => {
    const { coordinator, store, log, acknowledge } = writing();
    let isFinished = false;

    const finished = coordinator.finish().then(() => {
      isFinished = true;
    });
    await store.finishWrite();

    expect(log).toEqual(["start 1", "complete 1", "start 2"]);

    acknowledge(2);
    await settle();
    expect(isFinished).toBe(false);
    await store.finishWrite();
    await finished;

    expect(log.at(-1)).toBe("complete 2");
  });

  test("a stop waits for the write, whose sinks are told, and starts nothing", async () => {
    const { coordinator, clock, store, log } = writing();
    coordinator.hold(() => log.push("restart"));
    let isStopped = false;

    const stopped = coordinator.stop().then(() => {
      isStopped = true;
    });
    await settle();
    expect(isStopped).toBe(false);
    await store.finishWrite();
    await stopped;
    clock.advance(60_000);

    expect(log).toEqual(["start 1", "complete 1"]);
  });
});

describe("when a checkpoint cannot be written", () => {
  test("it is tried again, at once and then after waits that grow", async () => {
    const { clock, store, log } = writing();

    await store.failWrite();
    clock.advance(0);
    expect(store.attempts).toBe(2);
    await store.failWrite();
    clock.advance(49);
    expect(store.attempts).toBe(2);
    clock.advance(1);
    expect(store.attempts).toBe(3);
    await store.failWrite();
    clock.advance(99);
    expect(store.attempts).toBe(3);
    clock.advance(1);
    await store.finishWrite();

    expect(log).toEqual(["start 1", "retry 1 after 1", "retry 1 after 2", "retry 1 after 3", "complete 1"]);
  });

  test("the run fails after the last attempt, and the checkpoint before stays", async () => {
    const { coordinator, clock, store, log, acknowledge, failure } = writing();
    await store.finishWrite();
    clock.advance(intervalMs);
    acknowledge(2);
    coordinator.hold(() => log.push("restart"));

    for (let attempt = 1; attempt <= storeAttemptsMax; attempt += 1) {
      await store.failWrite();
      clock.advance(storeBackoffMsMax);
    }

    expect(store.attempts).toBe(1 + storeAttemptsMax);
    expect(failure()).toMatchObject({
      code: "ERR_JOB_STORAGE",
      message: expect.stringMatching(/epoch 2 could not be written to slow in 10 .*epoch 1 stays: no space left/),
      details: { place: "slow", epoch: 2, lastEpoch: 1 },
      cause: { message: "no space left" },
    });
    expect(log.at(-1)).toBe("fail");
    expect(log).not.toContain("restart");
    expect(coordinator.restoreOf("b")).toMatchObject({ epoch: 1, position: 10 });
  });

  test("it is tried again also when the time for the next epoch comes meanwhile", async () => {
    // given a run that was about to end when a cell started over: the next epoch is due at its interval
    const { coordinator, clock, store, log, acknowledge } = coordinatorOf();
    clock.advance(intervalMs);
    void coordinator.finish();
    coordinator.unfinish();
    acknowledge(1);

    // when that time comes during the wait before an attempt
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await store.failWrite();
      clock.advance(attempt === 3 ? 100 : 50);
    }
    await store.finishWrite();

    // then the attempt is made all the same
    expect(store.attempts).toBe(4);
    expect(log.at(-1)).toBe("complete 1");
  });

  test("a stop ends the attempts", async () => {
    const { coordinator, clock, store, log } = writing();
    await store.failWrite();

    await coordinator.stop();
    clock.advance(60_000);

    expect(store.attempts).toBe(1);
    expect(log).toEqual(["start 1", "retry 1 after 1"]);
  });
});

test("a run ends only with a checkpoint that leaves nothing to commit", async () => {
  const { coordinator, store, log, acknowledge } = coordinatorOf();
  let ended = false;
  void coordinator.finish().then(() => {
    ended = true;
  });
  coordinator.acknowledge("a", { ...snapshotOf(1), uncommitted: true });
  coordinator.acknowledge("b", snapshotOf(1));
  await store.finishWrite();
  expect([log, ended]).toEqual([["start 1", "complete 1", "start 2"], false]);

  acknowledge(2);
  await store.finishWrite();

  expect([log.at(-1), ended]).toEqual(["complete 2", true]);
});

test("a last checkpoint starts behind the epoch in flight, and another one where something is left to commit", async () => {
  const { coordinator, clock, store, log, acknowledge } = writing();
  let taken = false;
  void coordinator.lastCheckpoint().then(() => {
    taken = true;
  });
  await store.finishWrite();
  expect(log).toEqual(["start 1", "complete 1", "start 2 as the last"]);
  coordinator.acknowledge("a", { ...snapshotOf(2), uncommitted: true });
  coordinator.acknowledge("b", snapshotOf(2));
  await store.finishWrite();
  expect([log.at(-1), taken]).toEqual(["start 3 as the last", false]);

  acknowledge(3);
  await store.finishWrite();

  clock.advance(10 * intervalMs);
  expect([log.at(-1), taken]).toEqual(["complete 3", true]);
});

test("a last checkpoint that the run does not live to see is refused", async () => {
  const { coordinator } = coordinatorOf();
  const taken = coordinator.lastCheckpoint();

  await coordinator.stop();

  await expect(taken).rejects.toMatchObject({ code: "ERR_JOB_SAVEPOINT" });
});

test("after a checkpoint that the store holds already, numbers go on behind it, and the first epoch does not wait for the interval", async () => {
  const store = new MemoryStore();
  const cells = new Map(["a", "b"].map((cell) => [cell, [snapshotOf(7)]]));
  await store.commit({ epoch: 7, snapshots: cells });
  const clock = new VirtualClock();
  const started: number[] = [];
  const coordinator = new EpochCoordinator(clock, { intervalMs, timeoutMs: 60_000 }, store, cells.keys(), {
    canStart: () => true,
    isPressed: () => false,
    startEpoch: (epoch) => void started.push(epoch),
    completeEpoch: () => undefined,
    quietMs: async () => 0,
    onGivenUp: () => undefined,
    onSlow: () => undefined,
    onRetry: () => undefined,
    fail: () => undefined,
  });

  coordinator.begin();
  expect(coordinator.restoreOf("a")).toMatchObject({ epoch: 7, position: 70 });
  expect(coordinator.report().completed).toBe(0);
  clock.advance(resumedEpochMs);
  expect(started).toEqual([8]);

  for (const cell of cells.keys()) coordinator.acknowledge(cell, snapshotOf(8));
  await settle();
  clock.advance(intervalMs - 1);
  expect(started).toEqual([8]);
  clock.advance(1);
  expect(started).toEqual([8, 9]);
});
