/** Transactional sinks with one number of instances and then another, which die anywhere. */

import { describe, expect, test } from "vitest";
import { mergedEntries } from "../epochs/merged-state.ts";
import { encodeDelta, type StateEntry } from "../epochs/state-delta.ts";
import { defineTransactionalSink } from "../sinks/define-transactional-sink.ts";
import { holderOf } from "../state/owned-entries.ts";
import { plainForm } from "../state/state-form.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { TargetCrash, TransactionalTarget } from "./fixtures/transactional-target.ts";
import type { TransactionalWriter } from "./transactional-writer.ts";

let idCount = 0;
const random = { next: () => 1, id: () => `id${idCount++}` };
const logger = { log: () => undefined };
const eventsPerEpoch = 6;

/** A job of a sink that is started with one parallelism after the other, and the checkpoint that it goes on from. */
class Rescaled {
  readonly target: TransactionalTarget;
  readonly #at: () => void;
  #stored: readonly StateEntry[] = [];
  #epoch = 0;
  #eventCount = 0;

  constructor(at: () => void = () => undefined) {
    this.target = new TransactionalTarget(at);
    this.#at = at;
  }

  get expected(): number[] {
    return Array.from({ length: this.#eventCount }, (_, index) => index);
  }

  get stored(): readonly StateEntry[] {
    return this.#stored;
  }

  open(parallelism: number): Promise<readonly OperatorHarness<number>[]> {
    const create = () => this.target.writer() as unknown as TransactionalWriter<number, never, never>;
    const sink = defineTransactionalSink<number, never, never, number>({ kind: "target", create, eventsMax: 2 });
    const openOne = (instance: number) => {
      const entries = this.#stored.filter(([, key]) => holderOf(key, parallelism) === instance);
      const restore = { entries, epoch: this.#epoch };
      return OperatorHarness.open<number>(sink, {
        guarantee: "exactly-once",
        random,
        logger,
        parallelism,
        instance,
        restore,
      });
    };
    return Promise.all(Array.from({ length: parallelism }, (_, instance) => openOne(instance)));
  }

  /** One epoch up to its checkpoint; what it has prepared is not committed. */
  async epoch(instances: readonly OperatorHarness<number>[]): Promise<void> {
    const values = Array.from({ length: eventsPerEpoch }, (_, index) => this.#eventCount + index);
    const snapshots: StateEntry[] = [];
    for (const [index, instance] of instances.entries()) {
      instance.feedValues(values.filter((value) => value % instances.length === index));
      snapshots.push(...(await instance.barrier(this.#epoch + 1)));
    }
    this.#at();
    this.#stored = mergedEntries([encodeDelta("sink", this.#stored), encodeDelta("sink", snapshots)]);
    this.#epoch += 1;
    this.#eventCount += eventsPerEpoch;
    this.target.completeEpoch = this.#epoch;
    this.#at();
  }

  /** A start that has no more to do than what the checkpoint holds. */
  async settle(parallelism: number): Promise<void> {
    for (const instance of await this.open(parallelism)) await instance.settle();
  }
}

const ascending = (rows: readonly unknown[]) => (rows as number[]).toSorted((left, right) => left - right);

describe.each([
  [3, 1],
  [1, 3],
  [4, 3],
])("with %i instances and then %i", (before, after) => {
  test("what was prepared and not committed is committed, once, and what was in no checkpoint is aborted", async () => {
    const job = new Rescaled();
    const dead = await job.open(before);
    await job.epoch(dead);
    for (const [index, instance] of dead.entries()) {
      instance.feedValues([-1 - index]);
      await instance.barrier(2);
      instance.feedValues([-101 - index]);
      await instance.step();
    }
    expect(job.target.shown).toEqual([]);

    const living = await job.open(after);
    for (const instance of living) await instance.settle();

    expect(ascending(job.target.shown)).toEqual(job.expected);
    expect([...job.target.open.keys(), ...job.target.prepared.keys()]).toEqual([]);
    expect(new Set(job.target.commits.map(({ instance }) => instance)).size).toBe(before);
    await job.epoch(living);
    for (const instance of living) {
      instance.complete(2);
      await instance.settle();
    }
    expect(ascending(job.target.shown)).toEqual(job.expected);
  });

  test("and the first number again, a death at any point loses and doubles nothing", async () => {
    let crashed = true;
    for (let crashAt = 0; crashed; crashAt += 1) {
      let pointCount = 0;
      crashed = false;
      const job = new Rescaled(() => {
        if (pointCount++ !== crashAt) return;
        crashed = true;
        throw new TargetCrash(`at point ${crashAt}`);
      });

      for (const parallelism of [before, after, before]) {
        try {
          await job.epoch(await job.open(parallelism));
        } catch (error) {
          if (!(error instanceof TargetCrash)) throw error;
        }
      }
      // The end may itself be where it dies.
      await job.settle(after).catch((error: unknown) => {
        if (!(error instanceof TargetCrash)) throw error;
        return job.settle(before);
      });

      expect(ascending(job.target.shown), `crash at point ${crashAt}`).toEqual(job.expected);
      expect(job.target.open.size + job.target.prepared.size, `crash at point ${crashAt}`).toBe(0);
      if (!crashed) expect(crashAt).toBeGreaterThan(30);
    }
  });
});

test("a number that comes back goes on where it stood", async () => {
  const job = new Rescaled();
  await job.epoch(await job.open(3));
  await job.settle(1);
  await job.epoch(await job.open(1));
  const newest: (readonly [number, unknown])[] = [];
  const target = job.target.writer.bind(job.target);
  job.target.writer = () => ({
    ...target(),
    recover: (handle, { instance }) => void newest.push([instance, handle]),
  });

  await job.settle(3);

  expect(newest.toSorted(([left], [right]) => left - right)).toEqual([
    [0, expect.stringMatching(/^test-job\/under-test\/0\//)],
    [1, expect.stringMatching(/^test-job\/under-test\/1\//)],
    [2, expect.stringMatching(/^test-job\/under-test\/2\//)],
  ]);
});

test("a sink that is called otherwise has what is left under both names aborted, and commits under the name of then", async () => {
  const job = new Rescaled();
  await job.epoch(await job.open(1));
  const former = job.stored.map(([name, key, present, value, form]): StateEntry => {
    const renamed = JSON.parse(JSON.stringify(value).replaceAll("under-test", "former")) as unknown;
    return [name, key, present, renamed, form ?? plainForm];
  });
  const calls: string[] = [];
  const create = () => ({
    begin: () => 0,
    write: () => undefined,
    prepare: () => 0,
    commit: (_handle: unknown, { operator, instance }: { operator: string; instance: number }) =>
      void calls.push(`commit ${operator}/${instance}`),
    recover: (_newest: unknown, { namesBeginWith }: { namesBeginWith: string }) =>
      void calls.push(`recover ${namesBeginWith}`),
  });

  const sink = defineTransactionalSink<number>({ kind: "target", create });
  const restore = { entries: former, epoch: 1 };
  const harness = await OperatorHarness.open<number>(sink, { guarantee: "exactly-once", random, logger, restore });
  await harness.settle();

  expect(calls).toEqual([
    "commit former/0",
    "commit former/0",
    "commit former/0",
    "recover test-job/former/0/",
    "recover test-job/under-test/0/",
  ]);
  expect(await harness.barrier(2)).toEqual([
    ["transactions", 0, true, expect.objectContaining({ operator: "under-test" }), expect.anything()],
  ]);
});
