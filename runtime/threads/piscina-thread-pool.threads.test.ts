import { expect, test } from "vitest";
import { MillraceError } from "../errors/millrace-error.ts";
import { SystemClock } from "../seams/clock.ts";
import { RecordingLogger, standInThread } from "./fixtures/group-harness.ts";
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
  await pool.stop();
});

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

test("answers those who wait for a thread when it is stopped", async () => {
  const { pool } = poolOf({ hosts: 1 });
  await pool.start();
  await Promise.all([pool.acquire(), pool.acquire()]);

  const refused = expect(pool.acquire()).rejects.toMatchObject({ code: "ERR_RT_THREADS_STOPPED" });
  await pool.stop();

  await refused;
});

test.each([{ hosts: 0 }, { hosts: 257 }, { hosts: 1.5 }, { hosts: 1, heapLimitMb: 63 }])(
  "refuses the options %o",
  (options) => {
    expect(() => poolOf(options)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  },
);
