/** A system that prepares itself for a job that comes later, on threads of the test's own. On real ones: jobs/process. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ActorSystemOptions, progressLength, SystemClock, VirtualClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { preparationLimitMs } from "../limits.ts";

type ThreadPool = NonNullable<ActorSystemOptions["threadPool"]>;

const nothing = () => undefined;
const logger = { log: nothing };
const port = { post: nothing, onPacket: nothing, close: nothing };
const transport = { createLink: () => ({ left: port, right: port }) };
const thread: Awaited<ReturnType<ThreadPool["acquire"]>> = {
  threadId: 1,
  progress: new Int32Array(progressLength),
  adopt: nothing,
  join: nothing,
  stop: async () => undefined,
  kill: nothing,
  onDeath: nothing,
};

let clock: VirtualClock;
let system: ActorSystem;
let standsBy: (threadId: number) => void;
let isPrepared: boolean;

beforeEach(async () => {
  clock = new VirtualClock();
  const threadPool: ThreadPool = {
    start: async () => undefined,
    acquire: async () => thread,
    preload: nothing,
    refill: nothing,
    onStandsBy: (listener) => {
      standsBy = listener;
    },
    stop: async () => undefined,
  };
  system = await ActorSystem.startAhead(import.meta.url, { threads: 1, clock, threadPool, transport, logger });
  isPrepared = false;
  void system.prepare().then(() => {
    isPrepared = true;
  });
});

afterEach(() => system.stop());

const promisesDone = () => new Promise<void>((resolve) => new SystemClock().soon(resolve));

/** In steps, each of which lets the rehearsal take one. */
async function passed(ms: number): Promise<void> {
  for (let step = 0; step < ms; step += 1) {
    clock.advance(1);
    await promisesDone();
  }
}

/** The rehearsal is loaded by the platform, which takes time of its own. */
function prepared(): Promise<void> {
  return vi.waitFor(
    async () => {
      await passed(20);
      expect(isPrepared).toBe(true);
    },
    { timeout: 10_000, interval: 10 },
  );
}

test("is prepared when it has rehearsed and a spare thread stands by", async () => {
  standsBy(7);

  await prepared();

  expect(clock.monotonicMs()).toBeLessThan(preparationLimitMs);
});

test("waits for a spare thread, but not for one that does not come", async () => {
  await passed(preparationLimitMs - 1);
  expect(isPrepared).toBe(false);

  await prepared();
});

test("tells of each thread that stands by", async () => {
  const standing: number[] = [];
  system.on("thread-stands-by", ({ threadId }) => standing.push(threadId));

  standsBy(7);
  standsBy(8);

  expect(standing).toEqual([7, 8]);
});
