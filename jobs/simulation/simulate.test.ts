import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import {
  crash,
  delay,
  fail,
  failWrite,
  hang,
  host,
  jumpClock,
  killProcess,
  type PlannedFault,
  slow,
  slowWrite,
} from "./fault.ts";
import { counting, eventCount } from "./fixtures/counting-job.ts";
import { simulate } from "./simulate.ts";
import type { SimulateOptions, Simulation } from "./simulation.ts";

interface Count {
  readonly key: number;
  readonly count: number;
}

/** What the counting job shows without a fault: each key's counts from 1 on. */
const allCounts = Array.from({ length: 10 }, (_, key) =>
  Array.from({ length: eventCount / 10 }, (_, index) => `${key}: ${index + 1}`),
).flat();

function countsOf(simulation: Simulation): string[] {
  return simulation
    .collected<Count>("counts")
    .map(({ key, count }) => `${key}: ${count}`)
    .toSorted();
}

function run(seed: number, faults: readonly PlannedFault[], options: Partial<SimulateOptions<undefined>> = {}) {
  return simulate(counting, { seed, faults, epochInterval: 10, creditEvents: 64, ...options });
}

describe("a seed is one history", () => {
  const faults = [crash("count", 1).after(500), fail("same").randomly(3), hang(host(1)).at(30)];

  test("to the last line", async () => {
    const first = await run(7, faults, { history: true });
    const second = await run(7, faults, { history: true });

    expect(second.history).toEqual(first.history);
    expect(first.history?.length).toBeGreaterThan(200);
  });

  test("in another process too, and another seed is another history", () => {
    const script = fileURLToPath(new URL("fixtures/print-history.ts", import.meta.url));
    const hashes = [1, 1, 2].map((seed) =>
      execFileSync(process.execPath, [script, String(seed)], { encoding: "utf8" }),
    );

    expect(hashes[0]).toMatch(/^[0-9a-f]{8}$/);
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });
});

describe("under exactly-once every fault is survived", () => {
  test.each<[string, PlannedFault]>([
    ["a thread dies while its operator is at work", crash("count", 1).after(500)],
    ["a thread dies at a time", crash(host(1)).at(20)],
    ["an operator throws", fail("count", 0).after(321)],
    ["a thread hangs until its watchdog replaces it", hang("same", 1).for("20s").at(10)],
    ["a thread hangs and comes back", hang("same", 1).for("1s").at(10)],
    ["a thread is slow", slow(host(2), 20).at(10)],
    ["a link is slow", delay(1, 2, 50).at(5)],
    ["the first thread stands still", hang(host(0)).for("3s").at(15)],
    ["checkpoints cannot be written at first", failWrite(3).at(0)],
    ["checkpoints are slow", slowWrite("2s").at(0)],
    ["the wall clock jumps back", jumpClock(-3_600_000).at(12)],
  ])("when %s", async (_what, fault) => {
    for (let seed = 0; seed < 5; seed += 1) {
      const simulation = await run(seed, [fault]);

      expect(simulation, `seed ${seed}`).toMatchObject({ status: "completed", assertions: [], lives: 1 });
      expect(simulation.struck, `seed ${seed}`).toHaveLength(1);
      expect(countsOf(simulation), `seed ${seed}`).toEqual(allCounts.toSorted());
    }
  });
});

test("a process that is killed goes on from the last checkpoint of its store", async () => {
  for (let seed = 0; seed < 5; seed += 1) {
    const simulation = await run(seed, [killProcess().at(20)]);

    expect(simulation).toMatchObject({ status: "completed", lives: 2 });
    expect(countsOf(simulation), `seed ${seed}`).toEqual(allCounts.toSorted());
  }
});

test("state that an operator keeps for itself is lost with its thread: the bug that only a fault finds", async () => {
  const count = 20_000;
  const forgetful = defineJob("forgetful", (job) => {
    let seen = 0;
    job
      .source("numbers", generate({ count }))
      .map("numbered", () => {
        seen += 1;
        return seen;
      })
      .collect("all");
  });
  const options = { seed: 1, epochInterval: 1, creditEvents: 32 };
  const expected = Array.from({ length: count }, (_, index) => index + 1);

  const calm = await simulate(forgetful, options);
  const stormy = await simulate(forgetful, { ...options, faults: [crash("numbered").after(15_000)] });

  expect(calm.collected("all")).toEqual(expected);
  expect(stormy.collected("all")).not.toEqual(expected);
});

describe("what does not end", () => {
  test("is hung at the limit", async () => {
    const simulation = await run(1, [hang(host(0)).for("1h").at(1)], { quietAfter: "1s", limit: "5s" });

    expect(simulation).toMatchObject({ status: "hung", report: undefined, error: undefined });
  });

  test("fails with the error of the run", async () => {
    const simulation = await run(1, [failWrite(1_000).at(0)]);

    expect(simulation).toMatchObject({ status: "failed", error: { code: "ERR_JOB_FAILED" } });
  });
});

describe("bad input is refused", () => {
  test.each([
    [{ seed: 0.5 }, "seed"],
    [{ threads: 0 }, "threads"],
    [{ limit: "soon" as "1s" }, "limit"],
    [{ limit: "1s" as const, quietAfter: "1s" as const }, "quietAfter"],
    [{ guarantee: "twice" as "exactly-once" }, "guarantee"],
  ])("%j", async (options, name) => {
    await expect(run(1, [], options)).rejects.toMatchObject({
      code: "ERR_RT_OPTION",
      message: expect.stringContaining(name),
    });
  });

  test("a fault of an operator that the job does not have", async () => {
    await expect(run(1, [crash("nobody").at(1)])).rejects.toMatchObject({ code: "ERR_JOB_OPERATOR_UNKNOWN" });
  });
});
