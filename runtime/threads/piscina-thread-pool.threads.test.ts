import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BroadcastChannel } from "node:worker_threads";
import { describe, expect, test, vi } from "vitest";
import { MillraceError } from "../errors/millrace-error.ts";
import {
  refillDelayMs,
  sparesAfterDeath,
  sparesAfterDeathMs,
  threadStartAttemptsMax,
  threadStartLimitMs,
} from "../limits.ts";
import { SystemClock } from "../seams/clock.ts";
import { VirtualClock } from "../seams/virtual-clock.ts";
import { RecordingLogger, standInThread } from "./fixtures/group-harness.ts";
import { failsToStop, livesNowhere } from "./fixtures/stand-in-host.ts";
import { PiscinaThreadPool, type ThreadPoolOptions } from "./piscina-thread-pool.ts";
import type { HostThread } from "./thread-pool.ts";

class TestKill extends MillraceError {
  readonly code = "ERR_RT_TEST_KILL";
}

function poolOf(options: Partial<ThreadPoolOptions>) {
  const logger = new RecordingLogger();
  const all = { hosts: 2, taskModule: standInThread, ...options };
  const pool = new PiscinaThreadPool(all, { clock: new SystemClock(), logger });
  return { pool, logger };
}

function deathOf(thread: HostThread): Promise<MillraceError> {
  return new Promise((resolve) => thread.onDeath(resolve));
}

test("keeps a thread more than hosts ready", async () => {
  const { pool } = poolOf({ hosts: 2 });
  await pool.start();

  const threads = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);

  expect(new Set(threads.map(({ threadId }) => threadId)).size).toBe(3);
  await pool.stop();
});

test("hands out a new thread for each one that died", async () => {
  const { pool } = poolOf({ hosts: 1 });
  await pool.start();
  const threadIds = new Set<number>();

  for (let round = 0; round < 6; round += 1) {
    const thread = await pool.acquire();
    threadIds.add(thread.threadId);
    const death = deathOf(thread);
    thread.kill(new TestKill("killed by the test"));
    expect(await death).toMatchObject({ code: "ERR_RT_TEST_KILL" });
  }

  expect(threadIds.size).toBe(6);
  // Ids are given in sequence: no thread was created besides the two of the start and one for each death.
  expect(Math.max(...threadIds) - Math.min(...threadIds)).toBeLessThanOrEqual(7);
  await pool.stop();
});

test("lets every thread load the modules it is told: those given out, the spare one, and those to come", async () => {
  // given
  const { pool } = poolOf({ hosts: 1 });
  await pool.start();
  const loaded: number[] = [];
  const channel = new BroadcastChannel("millrace.test.loaded");
  const loadedOn = (threadId: number) => vi.waitFor(() => expect(loaded).toContain(threadId));
  channel.onmessage = (event) => loaded.push((event as unknown as { data: number }).data);

  const given = await pool.acquire();

  // when
  pool.preload([new URL("./fixtures/tells-it-was-loaded.ts", import.meta.url).href]);
  await loadedOn(given.threadId);
  given.kill(new TestKill("killed by the test"));
  await pool.acquire();
  const toCome = await pool.acquire();

  // then
  await loadedOn(toCome.threadId);
  channel.close();
  await pool.stop();
});

test("lets the spare thread rehearse, and none that runs a host", async () => {
  // given
  const { pool } = poolOf({ hosts: 1 });
  await pool.start();
  const given = await pool.acquire();
  const rehearsing: number[] = [];
  const standing: number[] = [];
  pool.onStandsBy((threadId) => standing.push(threadId));
  const channel = new BroadcastChannel("millrace.test.rehearses");
  channel.onmessage = (event) => rehearsing.push((event as unknown as { data: number }).data);
  const rehearsal = new URL("./fixtures/tells-it-rehearses.ts", import.meta.url).href;

  // when
  given.adopt({ host: 1, system: "test", incarnation: 0 }, []);
  pool.preload([rehearsal], rehearsal);

  // then
  await vi.waitFor(() => expect(rehearsing).toHaveLength(1), { timeout: 10_000 });
  await vi.waitFor(() => expect(standing).toHaveLength(1));
  const spare = await pool.acquire();
  expect(rehearsing).toEqual([spare.threadId]);
  expect(standing).toEqual([spare.threadId]);
  channel.close();
  await pool.stop();
});

test("lets threads with a host rehearse too where nothing is to run for a while, as long as nothing lives there", async () => {
  // given
  const { pool } = poolOf({ hosts: 2 });
  await pool.start();
  const [idle, busy] = await Promise.all([pool.acquire(), pool.acquire()]);
  const rehearsing: number[] = [];
  const standing = Promise.withResolvers<number>();
  const channel = new BroadcastChannel("millrace.test.rehearses");
  channel.onmessage = (event) => rehearsing.push((event as unknown as { data: number }).data);
  const rehearsal = new URL("./fixtures/tells-it-rehearses.ts", import.meta.url).href;
  idle.adopt({ host: 1, system: livesNowhere, incarnation: 0 }, []);
  busy.adopt({ host: 2, system: "test", incarnation: 0 }, []);

  // when
  pool.onStandsBy(standing.resolve);
  pool.preload([rehearsal], rehearsal, true);

  // then
  await vi.waitFor(() => expect(rehearsing).toHaveLength(2), { timeout: 10_000 });
  const spareId = await standing.promise;
  expect(rehearsing.toSorted()).toEqual([idle.threadId, spareId].toSorted());
  channel.close();
  await pool.stop();
});

test("takes a thread that exits for dead before the platform has ended it", async () => {
  // given
  const endedCount = countEnded();
  const { pool } = poolOf({ hosts: 1 });
  await pool.start();
  const thread = await pool.acquire();

  // when
  pool.preload([new URL("./fixtures/exits-slowly.ts", import.meta.url).href]);
  const error = await deathOf(thread);

  // then
  expect(error).toMatchObject({ code: "ERR_RT_THREAD_EXIT", details: { exitCode: 7 } });
  expect(endedCount()).toBe(0);
  await pool.stop();
});

describe("a thread that died is replaced", () => {
  async function poolWithADeath() {
    const clock = new VirtualClock();
    const pool = new PiscinaThreadPool(
      { hosts: 2, taskModule: standInThread },
      { clock, logger: new RecordingLogger() },
    );
    await pool.start();
    const [thread] = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    await told();
    const startedCount = countStarted();
    thread.kill(new TestKill("killed by the test"));
    await deathOf(thread);
    await told();
    return { pool, clock, startedCount };
  }

  test("when what lived on it has recovered", async () => {
    const { pool, startedCount } = await poolWithADeath();
    expect(startedCount()).toBe(0);

    pool.refill();
    pool.refill();
    await told();

    expect(startedCount()).toBe(1);
    await pool.stop();
  });

  test("after a while, and not twice", async () => {
    const { pool, clock, startedCount } = await poolWithADeath();

    clock.advance(refillDelayMs - 1);
    await told();
    expect(startedCount()).toBe(0);
    clock.advance(1);
    await told();
    expect(startedCount()).toBe(1);
    pool.refill();
    await told();

    expect(startedCount()).toBe(1);
    await pool.stop();
  });

  test("as soon as one is wanted", async () => {
    const { pool, startedCount } = await poolWithADeath();

    const next = await pool.acquire();

    expect(startedCount()).toBe(1);
    expect(next.threadId).toBeGreaterThan(0);
    await pool.stop();
  });
});

test("keeps one more spare for a while after a death, and ends it then", async () => {
  // given
  const clock = new VirtualClock();
  const pool = new PiscinaThreadPool({ hosts: 1, taskModule: standInThread }, { clock, logger: new RecordingLogger() });
  const standing: number[] = [];
  pool.onStandsBy((threadId) => standing.push(threadId));
  await pool.start();
  const first = await pool.acquire();
  await vi.waitFor(() => expect(standing).toHaveLength(1), { timeout: 10_000 });
  const endedCount = countEnded();

  // when
  first.kill(new TestKill("killed by the test"));
  await deathOf(first);
  await pool.acquire();
  pool.refill();
  await vi.waitFor(() => expect(new Set(standing).size).toBe(1 + sparesAfterDeath), { timeout: 10_000 });
  clock.advance(sparesAfterDeathMs);

  // then
  await vi.waitFor(() => expect(endedCount()).toBe(1));
  await pool.stop();
});

/** The platform tells of a new thread a tick later. */
const told = () => new Promise(setImmediate);

/** Threads started from now on. */
function countStarted(): () => number {
  let count = 0;
  process.on("worker", () => {
    count += 1;
  });
  return () => count;
}

/** Threads that are started from now on, and have ended. */
function countEnded(): () => number {
  let count = 0;
  process.on("worker", (worker) => worker.once("exit", () => (count += 1)));
  return () => count;
}

test("replaces a spare that dies", async () => {
  const { pool } = poolOf({ hosts: 1 });
  await pool.start();
  const first = await pool.acquire();
  const spare = await pool.acquire();

  spare.kill(new TestKill("killed by the test"));
  const next = await pool.acquire();

  expect(new Set([first.threadId, spare.threadId, next.threadId]).size).toBe(3);
  await pool.stop();
});

test.each(["throws-while-loading", "exits-while-loading"])("refuses to start with a module that %s", async (name) => {
  const { pool, logger } = poolOf({ taskModule: new URL(`./fixtures/${name}.ts`, import.meta.url) });

  const started = pool.start();

  await expect(started).rejects.toMatchObject({ code: "ERR_RT_THREAD_START" });
  expect(logger.lines.filter(({ level }) => level === "warn")).toHaveLength(5);
  await expect(pool.acquire()).rejects.toMatchObject({ code: "ERR_RT_THREADS_STOPPED" });
});

test("says why a module cannot be loaded", async () => {
  const { pool } = poolOf({ taskModule: new URL("./fixtures/throws-while-loading.ts", import.meta.url) });

  await expect(pool.start()).rejects.toMatchObject({ cause: { message: "this module cannot be loaded" } });
});

test("refuses to start with a module that is not there", async () => {
  const { pool } = poolOf({ taskModule: new URL("./fixtures/not-there.ts", import.meta.url) });

  await expect(pool.start()).rejects.toMatchObject({ code: "ERR_RT_THREAD_START" });
});

test("tells of a thread that dies when it is asked to stop", async () => {
  const { pool } = poolOf({ hosts: 1 });
  await pool.start();
  const thread = await pool.acquire();
  const death = deathOf(thread);

  thread.adopt({ host: 1, system: failsToStop, incarnation: 0 }, []);
  await thread.stop();

  expect(await death).toMatchObject({
    code: "ERR_RT_THREAD_FAILURE",
    details: { origin: "failed stop" },
    cause: { message: "cannot stop" },
  });
  await pool.stop();
});

test("answers those who wait for a thread when it is stopped", async () => {
  const { pool } = poolOf({ hosts: 1 });
  await pool.start();
  await Promise.all([pool.acquire(), pool.acquire()]);

  const refused = expect(pool.acquire()).rejects.toMatchObject({ code: "ERR_RT_THREADS_STOPPED" });
  await pool.stop();

  await refused;
});

test.each([
  { hosts: 0 },
  { hosts: 257 },
  { hosts: 1.5 },
  { hosts: 1, heapLimitMb: 63 },
  { hosts: 1, externalLimitMb: 63 },
])("refuses the options %o", (options) => {
  expect(() => poolOf(options)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
});

test("gives up on a module that never finishes loading", async () => {
  const clock = new VirtualClock();
  const taskModule = new URL("./fixtures/never-loads.ts", import.meta.url);
  const pool = new PiscinaThreadPool({ hosts: 1, taskModule }, { clock, logger: new RecordingLogger() });

  const refused = expect(pool.start()).rejects.toMatchObject({
    code: "ERR_RT_THREAD_START",
    message: expect.stringContaining("30000 ms"),
  });
  for (let attempt = 0; attempt < threadStartAttemptsMax; attempt += 1) {
    clock.advance(threadStartLimitMs);
    await new Promise(setImmediate);
    clock.advance(1_000);
  }

  await refused;
});

test("warns when a flag of the process overrules the heap limit", async () => {
  const { pool, logger } = poolOf({ hosts: 1, heapLimitMb: 100 });
  vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=500");

  await pool.start();
  await pool.stop();

  vi.unstubAllEnvs();
  expect(logger.lines).toMatchObject([
    { level: "warn", fields: { flag: "--max-old-space-size=500", heapLimitMb: 100 } },
  ]);
});

test("keeps the process alive until it is stopped, and not longer", () => {
  const script = fileURLToPath(new URL("./fixtures/starts-and-stops.ts", import.meta.url));

  const child = spawnSync(process.execPath, [script], { encoding: "utf8", timeout: 15_000 });

  expect(child).toMatchObject({ status: 0, stdout: "started\nstill here\nstopped\n", stderr: "" });
});
