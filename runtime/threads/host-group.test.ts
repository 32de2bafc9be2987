/** The shell under a pool without threads. Real threads: host-group.threads.test.ts. Decisions: host-slots.test.ts. */

import { describe, expect, test } from "vitest";
import { MillraceError } from "../errors/millrace-error.ts";
import { hostStopLimitMs } from "../limits.ts";
import { VirtualClock } from "../seams/virtual-clock.ts";
import { FakeThreadPool } from "./fixtures/fake-thread-pool.ts";
import { HostGroup, type HostGroupOptions } from "./host-group.ts";

class TestDeath extends MillraceError {
  readonly code = "ERR_RT_TEST_DEATH";
}

const death = new TestDeath("died in a test");
const port = { post() {}, onPacket() {}, close() {} };

function groupOf(options: HostGroupOptions) {
  const pool = new FakeThreadPool();
  const clock = new VirtualClock();
  const events: string[] = [];
  const main: string[] = [];
  const seams = {
    pool,
    clock,
    transport: { createLink: () => ({ left: port, right: port }) },
    logger: { log() {} },
    mainHost: {
      join: (peer: number) => void main.push(`join ${peer}`),
      leave: (peer: number) => void main.push(`leave ${peer}`),
      tellLeft: (host: number, peer: number, incarnation: number) =>
        void main.push(`tell ${host} that ${peer}.${incarnation} left`),
    },
    hostSettings: (host: number, incarnation: number) => ({ host, system: "test", incarnation }),
    pathOn: () => undefined,
  };
  const group = new HostGroup(options, seams, {
    onLost: (host, error) => void events.push(`lost ${host} ${error.code}`),
    onReplaced: (host, incarnation) => void events.push(`replaced ${host}.${incarnation}`),
    onStandsBy: () => undefined,
    onFailed: (error) => void events.push(`failed ${error.code}`),
  });
  return { group, pool, clock, events, main };
}

async function startedGroupOf(options: HostGroupOptions) {
  const parts = groupOf(options);
  await parts.group.start();
  return parts;
}

/** Lets everything that needs no time happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("links each host to main and to those before it", async () => {
  const { pool, main } = await startedGroupOf({ hosts: 2 });

  expect(pool.given.map(({ done }) => done)).toEqual([["adopt 1.0 with 0", "join 2"], ["adopt 2.0 with 0 1"]]);
  expect(main).toEqual(["join 1", "join 2"]);
});

test("tells of a death everywhere, then of the replacement", async () => {
  const { pool, main, events, group } = await startedGroupOf({ hosts: 2 });

  pool.given[0]?.die(death);
  expect(events).toEqual(["lost 1 ERR_RT_TEST_DEATH"]);
  expect(group.status()).toMatchObject([
    { host: 1, phase: { kind: "replacing", incarnation: 1 }, threadId: undefined },
    { host: 2, phase: { kind: "running", incarnation: 0 }, threadId: 2 },
  ]);
  await settle();

  expect(events).toEqual(["lost 1 ERR_RT_TEST_DEATH", "replaced 1.1"]);
  expect(main).toEqual(["join 1", "join 2", "leave 1", "tell 2 that 1.0 left", "join 1"]);
  expect(pool.given[1]?.done).toEqual(["adopt 2.0 with 0 1", "join 1"]);
  expect(pool.given[2]?.done).toEqual(["adopt 1.1 with 0 2"]);
  expect(group.threadIds()).toEqual([3, 2]);
});

test("tells in order when the replacement is dead before it is adopted", async () => {
  const { pool, events } = await startedGroupOf({ hosts: 1 });
  pool.prepare = (thread) => {
    if (thread.threadId === 2) thread.die(death);
  };

  pool.given[0]?.die(death);
  await settle();

  expect(events).toEqual(["lost 1 ERR_RT_TEST_DEATH", "replaced 1.1", "lost 1 ERR_RT_TEST_DEATH", "replaced 1.2"]);
});

describe("the watchdog", () => {
  test("kills a host without progress at the limit, and nobody else", async () => {
    const { pool, clock, events } = await startedGroupOf({ hosts: 2, hangLimit: "1s" });
    const lively = pool.given[1];
    for (let elapsedMs = 0; elapsedMs < 1_000; elapsedMs += 50) {
      expect(events).toEqual([]);
      if (lively !== undefined) lively.progress[0] = elapsedMs;
      clock.advance(50);
    }
    await settle();

    expect(pool.given[0]?.done.at(-1)).toBe("kill ERR_RT_THREAD_HANG");
    expect(events).toEqual(["lost 1 ERR_RT_THREAD_HANG", "replaced 1.1"]);
  });

  test("watches the replacement from its adoption on", async () => {
    const { clock, events } = await startedGroupOf({ hosts: 1, hangLimit: 200 });

    for (let elapsedMs = 0; elapsedMs < 1_000; elapsedMs += 50) {
      clock.advance(50);
      await settle();
    }

    expect(events.filter((event) => event.startsWith("lost"))).toHaveLength(5);
  });

  test.each([199, "100ms", "fast"])("is refused a limit of %o", (hangLimit) => {
    expect(() => groupOf({ hosts: 1, hangLimit: hangLimit as number })).toThrow(
      expect.objectContaining({ code: "ERR_RT_OPTION" }),
    );
  });
});

describe("when no thread can be had", () => {
  test("the start fails with the pool's error, and the pool is stopped", async () => {
    const { group, pool, events } = groupOf({ hosts: 2 });
    pool.refusal = death;

    await expect(group.start()).rejects.toBe(death);

    expect(pool.isStopped).toBe(true);
    expect(events).toEqual([]);
  });

  test("a start that got some of its threads fails all the same", async () => {
    const { group, pool } = groupOf({ hosts: 2 });
    pool.prepare = () => {
      pool.refusal = death;
    };

    await expect(group.start()).rejects.toBe(death);

    expect(pool.given.map(({ done }) => done.at(-1))).toEqual(["stop"]);
    expect(pool.isStopped).toBe(true);
  });

  test("a running group fails, once", async () => {
    const { pool, events } = await startedGroupOf({ hosts: 2 });
    pool.refusal = new TestDeath("no thread");

    for (const thread of pool.given) thread.die(death);
    await settle();

    expect(events.filter((event) => event.startsWith("failed"))).toEqual(["failed ERR_RT_TEST_DEATH"]);
  });
});

describe("stop", () => {
  test("asks each host, then ends the pool", async () => {
    const { group, pool, events } = await startedGroupOf({ hosts: 2 });

    await group.stop();

    expect(pool.given.map(({ done }) => done.at(-1))).toEqual(["stop", "stop"]);
    expect(pool.isStopped).toBe(true);
    expect(events).toEqual([]);
  });

  test("kills a host that does not obey in time", async () => {
    const { group, pool, clock, events } = await startedGroupOf({ hosts: 2 });
    for (const thread of pool.given) thread.obeys = thread.threadId === 2;

    const stopping = group.stop();
    await settle();
    expect(pool.isStopped).toBe(false);
    clock.advance(hostStopLimitMs);
    await stopping;

    expect(pool.given[0]?.done.at(-1)).toBe("kill ERR_RT_HOST_STOP_TIMEOUT");
    expect(pool.given[1]?.done.at(-1)).toBe("stop");
    expect(events).toEqual([]);
  });

  test("leaves no timer behind", async () => {
    const { group, clock } = await startedGroupOf({ hosts: 1 });

    await group.stop();

    expect(clock.nextDelayMs()).toBeUndefined();
  });

  test("before the start refuses the start", async () => {
    const { group } = groupOf({ hosts: 1 });

    await group.stop();

    await expect(group.start()).rejects.toMatchObject({ code: "ERR_RT_THREADS_STOPPED" });
  });
});

test("kills a host on purpose, when it has a thread", async () => {
  const { group, pool, events } = await startedGroupOf({ hosts: 1 });

  expect(group.kill(1)).toBe(true);
  expect(group.kill(1)).toBe(false);
  expect(group.kill(9)).toBe(false);
  await settle();

  expect(events).toEqual(["lost 1 ERR_RT_THREAD_KILLED", "replaced 1.1"]);
  expect(pool.given).toHaveLength(2);
});
