import { expect, test } from "vitest";
import { PiscinaThreadPool } from "../threads/piscina-thread-pool.ts";
import type { ThreadPool } from "../threads/thread-pool.ts";
import { SystemClock } from "./clock.ts";
import { seams, systemSeams } from "./composition.ts";
import { StderrLogger } from "./logger.ts";
import { MetricRegistry } from "./metrics.ts";
import { SystemRandom } from "./random.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("by itself the runtime is bound to the real things", () => {
  const bound = systemSeams();

  expect(bound.get(seams.clock)).toBeInstanceOf(SystemClock);
  expect(bound.get(seams.random)).toBeInstanceOf(SystemRandom);
  expect(bound.get(seams.logger)).toBeInstanceOf(StderrLogger);
  expect(bound.get(seams.metrics)).toBeInstanceOf(MetricRegistry);
  expect(bound.get(seams.transport)).toHaveProperty("createLink");
  expect(() => bound.get(seams.threadPool)).toThrow(expect.objectContaining({ code: "ERR_RT_SERVICE_UNKNOWN" }));
});

test("what is given takes the place of the real thing, for that system only", () => {
  const clock = new VirtualClock();
  const threadPool = {} as ThreadPool;

  const bound = systemSeams({ clock, threadPool });

  expect(bound.get(seams.clock)).toBe(clock);
  expect(bound.get(seams.threadPool)).toBe(threadPool);
  expect(bound.get(seams.random)).toBeInstanceOf(SystemRandom);
  expect(systemSeams().get(seams.clock)).toBeInstanceOf(SystemClock);
});

test("a thread pool is bound when threads are asked for, on the clock and the logger of the system", () => {
  const threadPool = {} as ThreadPool;

  const pool = systemSeams({}, { hosts: 2 }).get(seams.threadPool);
  const other = systemSeams({ threadPool }, { hosts: 2 }).get(seams.threadPool);

  expect(pool).toBeInstanceOf(PiscinaThreadPool);
  expect(other).toBe(threadPool);
});

test("two systems share nothing", () => {
  expect(systemSeams().get(seams.metrics)).not.toBe(systemSeams().get(seams.metrics));
});
