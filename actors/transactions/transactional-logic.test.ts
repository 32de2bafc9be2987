import { describe, expect, test } from "vitest";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import { commitBackoffMs, stepSlowMs, transactionIntervalMs, waitingRowsMax } from "../limits.ts";
import { defineTransactionalSink, type TransactionalSinkDefinition } from "../sinks/define-transactional-sink.ts";
import { noOutput } from "../testing/no-output.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import { TestContext } from "../testing/test-context.ts";
import { TargetCrash, TransactionalTarget } from "./fixtures/transactional-target.ts";
import type { TransactionalWriter } from "./transactional-writer.ts";

type Definition = Partial<TransactionalSinkDefinition<number, unknown, never, never>>;

let idCount = 0;
const random = { next: () => 1, id: () => `id${idCount++}` };

function open(target: TransactionalTarget, options: OperatorHarnessOptions = {}, definition: Definition = {}) {
  const create = () => target.writer() as unknown as TransactionalWriter<unknown, never, never>;
  const spec = defineTransactionalSink({ kind: "target", create, ...definition });
  const logger = { log: () => undefined };
  return OperatorHarness.open<number>(spec, { guarantee: "exactly-once", random, logger, ...options });
}

describe("a transactional sink under epochs", () => {
  test("writes an epoch to one transaction, prepares it at the barrier, and commits it when the checkpoint is complete", async () => {
    const target = new TransactionalTarget();
    const harness = await open(target);

    harness.feedValues([1, 2]);
    harness.feedValues([3]);
    await harness.barrier(1);
    expect(target.calls).toEqual(["recover", "begin", "write", "write", "prepare"]);
    expect(harness.hasUncommitted).toBe(true);

    target.completeEpoch = 1;
    harness.complete(1);
    await harness.settle();

    expect(target.shown).toEqual([1, 2, 3]);
    expect(target.commits).toMatchObject([{ job: "test-job", operator: "under-test", instance: 0, epoch: 1, part: 0 }]);
    expect(harness.hasUncommitted).toBe(false);
  });

  test("does not touch its target in an epoch without events", async () => {
    const target = new TransactionalTarget();
    const harness = await open(target);

    await harness.barrier(1);
    harness.complete(1);
    await harness.settle();

    expect(target.calls).toEqual(["recover"]);
  });

  test("prepares a transaction that is full and begins another one, and commits both in order", async () => {
    const target = new TransactionalTarget();
    const harness = await open(target, {}, { eventsMax: 2 });

    harness.feedValues([1, 2, 3, 4, 5]);
    await harness.barrier(1);
    target.completeEpoch = 1;
    harness.complete(1);
    await harness.settle();

    expect(target.shown).toEqual([1, 2, 3, 4, 5]);
    expect(target.commits.map(({ epoch, part }) => [epoch, part])).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
  });

  test("tries a commit again for ever, says what it waits for, and lets no snapshot pass it", async () => {
    // given a target that refuses to commit
    let isDown = true;
    const target = new TransactionalTarget((point) => {
      if (isDown && point === "before commit") throw new Error("the target is down");
    });
    const warnings: string[] = [];
    const logger = { log: (level: string, message: string) => void warnings.push(`${level}: ${message}`) };
    const harness = await open(target, { logger });
    harness.feedValues([1]);
    await harness.barrier(1);
    target.completeEpoch = 1;
    harness.complete(1);
    await harness.step();
    const reason = "the transaction of epoch 1 to be committed, which failed";
    expect(harness.waitsFor).toBe(`${reason} once: the target is down`);
    expect(harness.quiet).toBe(false);

    // when it does so for a while, and more events come
    harness.feedValues([2]);
    await harness.advance(commitBackoffMs);
    await harness.advance(60_000);

    // then the sink goes on trying, and takes events
    const tries = target.calls.filter((call) => call === "commit").length;
    expect(tries).toBeGreaterThan(8);
    expect(harness.waitsFor).toBe(`${reason} ${tries} times: the target is down`);
    expect(warnings[0]).toContain(
      `warn: millrace://test/test-job/under-test/0 waits for ${reason} once: the target is down; it is tried again in`,
    );
    expect(warnings).toHaveLength(tries);
    expect(target.calls.at(-1)).toBe("commit");
    expect(harness.waitingCount).toBe(0);
    expect(harness.failures).toEqual([]);

    // and when the target is there again, the snapshot comes
    isDown = false;
    await harness.barrier(2);
    expect(target.shown).toEqual([1]);
    expect(harness.waitsFor).toBeUndefined();
  });

  test("names the call that does not end", async () => {
    const pending = Promise.withResolvers<void>();
    const target = new TransactionalTarget();
    const writer = { ...target.writer(), commit: () => pending.promise };
    const harness = await open(target, {}, { create: () => writer as never });
    harness.feedValues([1]);
    await harness.barrier(1);
    harness.complete(1);

    await harness.advance(stepSlowMs - 1);
    expect(harness.waitsFor).toBeUndefined();
    await harness.advance(1);

    expect(harness.waitsFor).toBe(`the transaction of epoch 1 to be committed, for ${stepSlowMs} ms`);
    pending.resolve();
  });

  test("takes no more events than wait for a write that does not end", async () => {
    const target = new TransactionalTarget();
    const writer = { ...target.writer(), write: () => new Promise<void>(() => undefined) };
    const harness = await open(target, {}, { create: () => writer as never });

    harness.feedValues(Array.from({ length: 1_000 }, (_, index) => index));
    for (let batch = 0; batch < 20; batch += 1) harness.feedValues(Array.from({ length: 1_000 }, (_, index) => index));

    expect(harness.ready).toBe(false);
    expect(harness.waitingCount).toBe(20_000 - waitingRowsMax);
  });

  test("an event that cannot be encoded fails alone", async () => {
    const target = new TransactionalTarget();
    const encode = (event: number) => event.toFixed(1);
    const harness = await open(target, {}, { encode: encode as never });

    harness.feedValues([1, null as never, 3]);
    await harness.barrier(1);
    target.completeEpoch = 1;
    harness.complete(1);
    await harness.settle();

    expect(target.shown).toEqual(["1.0", "3.0"]);
    expect(harness.deadLetters).toEqual([{ value: null, error: expect.any(TypeError) }]);
  });

  test.each(["begin", "write"])("gives up on the events of a %s that failed, and on no others", async (call) => {
    let isBroken = false;
    const target = new TransactionalTarget((point) => {
      if (isBroken && point === `before ${call}`) throw new RangeError("no");
    });
    const harness = await open(target, {}, { eventsMax: 2 });
    harness.feedValues([1, 2]);
    await harness.step();
    isBroken = true;

    harness.feedValues([3, 4]);
    await harness.step();
    isBroken = false;
    harness.feedValues([5]);
    await harness.step();

    expect(harness.failures).toEqual([expect.any(RangeError)]);
    expect(harness.deadLetters.map(({ value }) => value)).toEqual([3, 4]);
    await harness.until(() => harness.quiet);
    expect([...target.prepared.values(), ...target.open.values()]).toEqual([[1, 2], [5]]);
  });

  test("aborts what is open when it stops, and leaves alone what is prepared", async () => {
    const target = new TransactionalTarget();
    const harness = await open(target);
    harness.feedValues([1]);
    await harness.barrier(1);
    harness.feedValues([2]);
    await harness.step();

    await harness.close();

    expect(target.calls.at(-1)).toBe("abort");
    expect([...target.prepared.values()]).toEqual([[1]]);
  });
});

describe("a sink that dies", () => {
  const epochCount = 3;
  const eventsPerEpoch = 5;
  const all = Array.from({ length: epochCount * eventsPerEpoch }, (_, index) => index);

  /** Runs to the end, or to the crash; then again from the checkpoint, without further crashes. */
  async function withCrash(
    crashAt: number,
    isAsync: boolean,
  ): Promise<{ target: TransactionalTarget; crashed: boolean }> {
    let pointCount = 0;
    let crashed = false;
    const at = () => {
      if (pointCount++ !== crashAt) return;
      crashed = true;
      throw new TargetCrash(`at point ${crashAt}`);
    };
    const target = new TransactionalTarget(at, isAsync);
    let stored: Uint8Array[] = [];

    const run = async () => {
      const entries = mergedEntries(stored);
      const harness = await open(target, { restore: { entries, epoch: target.completeEpoch } }, { eventsMax: 2 });
      for (let epoch = target.completeEpoch + 1; epoch <= epochCount; epoch += 1) {
        const first = (epoch - 1) * eventsPerEpoch;
        harness.feedValues(all.slice(first, first + 3));
        harness.feedValues(all.slice(first + 3, first + eventsPerEpoch));
        const changed: readonly StateEntry[] = await harness.barrier(epoch);
        at();
        stored = [...stored, encodeDelta("sink", changed)];
        target.completeEpoch = epoch;
        at();
        harness.complete(epoch);
        // The last commit would come too late for a run that has ended.
        if (epoch === epochCount) await harness.settle();
      }
      await harness.settle();
    };

    await run().catch((error: unknown) => {
      if (!(error instanceof TargetCrash)) throw error;
      return run();
    });
    return { target, crashed };
  }

  test.each([
    ["at once", false],
    ["later", true],
  ])("shows each event once, wherever that is, when its functions answer %s", async (_, isAsync) => {
    for (let crashAt = 0, crashed = true; crashed; crashAt += 1) {
      const run = await withCrash(crashAt, isAsync);

      crashed = run.crashed;
      expect(run.target.shown, `crash at point ${crashAt}`).toEqual(all);
      expect(run.target.open.size + run.target.prepared.size, `crash at point ${crashAt}`).toBe(0);
      if (!crashed) expect(crashAt).toBeGreaterThan(40);
    }
  });
});

describe("a transactional sink without epochs", () => {
  const direct = { guarantee: "at-most-once" } as const;

  test("commits what came within an interval", async () => {
    const target = new TransactionalTarget();
    target.hasEpochs = false;
    const harness = await open(target, direct);

    harness.feedValues([1]);
    await harness.advance(transactionIntervalMs - 1);
    harness.feedValues([2]);
    expect(target.shown).toEqual([]);
    await harness.advance(1);
    expect(target.shown).toEqual([1, 2]);

    harness.feedValues([3]);
    await harness.end();
    expect(target.shown).toEqual([1, 2, 3]);
    expect(target.commits.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  test("commits sooner when as many wait as may", async () => {
    const target = new TransactionalTarget();
    target.hasEpochs = false;
    const harness = await open(target, direct);

    harness.feedValues(Array.from({ length: waitingRowsMax }, (_, index) => index));
    await harness.step();

    expect(target.shown).toHaveLength(waitingRowsMax);
  });

  test("wakes its cell for the rest of a batch when a writer that answers at once has made room", async () => {
    const shown: number[] = [];
    const logic = defineTransactionalSink<number, number[], readonly number[]>({
      kind: "list",
      create: () => ({
        begin: () => [],
        write: (events, more) => void events.push(...more),
        prepare: (events) => events,
        commit: (events) => void shown.push(...events),
      }),
    }).create("at-most-once");
    const context = new TestContext();
    await logic.open?.(context);
    context.takeWake();
    const values = Array.from({ length: waitingRowsMax + 1 }, (_, number) => number);

    const taken = logic.onBatch({ values, times: undefined, keys: undefined }, 0, values.length, noOutput);

    expect([taken, shown.length, logic.ready?.()]).toEqual([waitingRowsMax, waitingRowsMax, true]);
    expect(context.takeWake()).toBe(true);
  });

  test.each(["begin", "write", "prepare"])("loses no event from sight when %s fails", async (call) => {
    let isBroken = true;
    const target = new TransactionalTarget((point) => {
      if (isBroken && point === `before ${call}`) throw new RangeError("no");
    });
    target.hasEpochs = false;
    const harness = await open(target, direct);

    harness.feedValues([1, 2]);
    await harness.advance(transactionIntervalMs);
    isBroken = false;
    harness.abandon();

    expect(harness.failures).toEqual([expect.any(RangeError)]);
    expect(harness.deadLetters.map(({ value }) => value)).toEqual([1, 2]);
  });

  test("holds events back while a commit fails, and loses none", async () => {
    let isDown = true;
    const target = new TransactionalTarget((point) => {
      if (isDown && point === "before commit") throw new Error("down");
    });
    target.hasEpochs = false;
    const harness = await open(target, direct);
    harness.feedValues([1]);
    await harness.advance(transactionIntervalMs);
    harness.feedValues([2]);
    await harness.advance(10_000);
    expect(target.calls.filter((call) => call === "begin")).toHaveLength(1);

    isDown = false;
    await harness.end();

    expect(target.shown).toEqual([1, 2]);
  });
});

test.each([
  ["kind", { kind: "" }],
  ["origin", { origin: 7 }],
  ["create", { create: undefined }],
  ["encode", { encode: "no" }],
  ["eventsMax", { eventsMax: 0 }],
])("refuses %s that is not allowed, naming it", (name, wrong) => {
  const definition = { kind: "target", create: () => new TransactionalTarget().writer(), ...wrong };
  expect(() => defineTransactionalSink(definition as never)).toThrow(
    expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(`Sink: ${name}`) }),
  );
});

test("refuses what is no writer when it starts", async () => {
  const create = () => ({ begin: () => undefined }) as never;
  await expect(open(new TransactionalTarget(), {}, { create })).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
});
