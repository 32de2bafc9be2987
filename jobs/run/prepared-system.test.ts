/** A system that prepares itself for a job that comes later, on threads of the test's own. On real ones: jobs/process. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { promisesDone } from "../../runtime/fixtures/promises-done.ts";
import { QueuedTransport } from "../../runtime/fixtures/queued-transport.ts";
import { VirtualClock } from "../../runtime/index.ts";
import { FakeThreadPool } from "../../runtime/threads/fixtures/fake-thread-pool.ts";
import { ActorSystem } from "../actor-system.ts";
import { preparationLimitMs } from "../limits.ts";

let clock: VirtualClock;
let threadPool: FakeThreadPool;
let system: ActorSystem;
let isPrepared: boolean;

beforeEach(async () => {
  clock = new VirtualClock();
  threadPool = new FakeThreadPool();
  const logger = { log: () => undefined };
  const seams = { clock, threadPool, transport: new QueuedTransport(), logger };
  system = await ActorSystem.startAhead(import.meta.url, { threads: 1, ...seams });
  isPrepared = false;
  void system.prepare().then(() => {
    isPrepared = true;
  });
});

afterEach(() => system.stop());

/** In steps, each of which lets the rehearsal take one. */
async function passed(ms: number): Promise<void> {
  for (let step = 0; step < ms; step += 10) {
    clock.advance(10);
    await new Promise(setImmediate);
    await promisesDone();
  }
}

test("is prepared when it has rehearsed and a spare thread stands by", async () => {
  await passed(preparationLimitMs - 10);
  expect(isPrepared).toBe(false);

  threadPool.standsBy(7);
  await promisesDone();

  expect(isPrepared).toBe(true);
});

test("does not wait for a spare thread that does not come", async () => {
  await passed(preparationLimitMs);

  expect(isPrepared).toBe(true);
});

test("tells of each thread that stands by", async () => {
  const standing: number[] = [];
  system.on("thread-stands-by", ({ threadId }) => standing.push(threadId));

  threadPool.standsBy(7);
  threadPool.standsBy(8);

  expect(standing).toEqual([7, 8]);
});
