import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ActorSystemOptions, SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { counting } from "./fixtures/counting.job.ts";
import { type MortalParams, mortal } from "./fixtures/mortal.job.ts";
import { type StuckParams, stuck } from "./fixtures/stuck.job.ts";
import type { JobRun } from "./job-run.ts";
import type { RunReport } from "./run-report.ts";

const clock = new SystemClock();
const quiet = { log: () => undefined };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-threads-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const start = (options: ActorSystemOptions = {}) => ActorSystem.start({ threads: 2, logger: quiet, ...options });

function countsOf(run: JobRun): number {
  return run.collected<{ count: number }>("counts").reduce((sum, { count }) => sum + count, 0);
}

const round = () => new Promise<void>((resolve) => clock.soon(resolve));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await round();
}

/** Hosts of an operator, by instance. */
function hosts(report: RunReport, name: string): number[] {
  return report.operators.find((operator) => operator.name === name)?.instances.map(({ host }) => host) ?? [];
}

function recorded(system: ActorSystem): { readonly lost: string[]; readonly replaced: number[] } {
  const facts = { lost: [] as string[], replaced: [] as number[] };
  system.on("host-lost", ({ error }) => void facts.lost.push(error.code ?? error.message));
  system.on("host-replaced", ({ host }) => void facts.replaced.push(host));
  return facts;
}

describe("a job on worker threads", () => {
  test("counts on different threads", async () => {
    await using system = await start();
    const run = await system.submit(counting, { params: { count: 100_000 } });

    const report = await run.completed;

    const counters = report.operators.find(({ name }) => name === "count")?.instances ?? [];
    expect(new Set(counters.map(({ threadId }) => threadId)).size).toBe(2);
    expect(counters.every(({ threadId }) => threadId > 0)).toBe(true);
    expect(countsOf(run)).toBe(100_000);
    expect(report.lostEvents).toBe(0);
  });

  test("that fails at one event in 10,000 and resumes counts all others; each is a dead letter", async () => {
    await using system = await start();
    const run = await system.submit(counting, { params: { count: 200_000, failing: 10_000 } });

    const report = await run.completed;

    expect(countsOf(run)).toBe(200_000 - 20);
    const letters = system.deadLetters.newest();
    expect(letters.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, index) => index * 10_000));
    expect(letters.every(({ value, error }) => error.name === "RangeError" && error.message === `not ${value}`)).toBe(
      true,
    );
    expect(report.operators.find(({ name }) => name === "work")?.total.deadLetters).toBe(20);
  });

  test("is left alone while an operator is slow, or main is busy", async () => {
    await using system = await start({ hangLimit: "1500ms" });
    const facts = recorded(system);
    const run = await system.submit(counting, { params: { count: 300, busyMs: 10 } });
    for (const endMs = clock.monotonicMs() + 2_000; clock.monotonicMs() < endMs; );

    await run.completed;

    expect(facts).toEqual({ lost: [], replaced: [] });
    expect(countsOf(run)).toBe(300);
  });

  test("keeps its memory flat over 2 million events", async () => {
    await using system = await start();
    const warm = await system.submit(counting, { params: { count: 200_000 } });
    await warm.completed;
    const before = process.memoryUsage.rss();

    const run = await system.submit(counting, { params: { count: 2_000_000 } });
    await run.completed;

    expect(countsOf(run)).toBe(2_000_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(400 * 1024 * 1024);
  });
});

describe("a thread that is lost during a job", () => {
  test.each([
    ["exits", "exit", "worker"],
    ["blocks for ever", "block", "worker"],
    ["exits with the source on it", "exit", "reader"],
  ] as const)("because it %s is replaced; the job goes on, and counts nothing twice", async (_what, death, where) => {
    await using system = await start();
    const facts = recorded(system);
    const count = 200_000;
    const params: MortalParams = { count, death, where, at: 50_001, marker: join(folder, `${death}-${where}`) };
    const run = await system.submit(mortal, { params });

    const report = await run.completed;

    const all = run.collected<number>("all");
    expect(facts.lost).toHaveLength(1);
    expect(facts.replaced).toHaveLength(1);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeLessThan(count);
    // What an operator had taken and not handed on is in no count: two batches in its hands, and for each of two channels
    // one that is being filled, one that waits for credit and one in a packet not yet sent.
    const inHandMax = (2 + 2 * 3) * 1_024;
    expect(all.length + report.lostEvents + inHandMax).toBeGreaterThanOrEqual(count);
    // What the source had reserved (`reservedEventsMax`), and what was on its way to either counter (`creditEvents`).
    expect(report.lostEvents).toBeLessThanOrEqual(1_048_576 + 2 * 65_536 + inHandMax);
  });

  test("because its heap is full is replaced, and its addresses answer again", async () => {
    await using system = await start({ heapLimitMb: 256 });
    const facts = recorded(system);
    const run = await system.submit(mortal, { params: { count: 1_000_000, rate: 1_000 } });
    await run.started;

    while (facts.lost.length === 0) {
      // An ask that the thread takes with it to its end is rejected.
      await run
        .actor("worker", 1)
        .ask("heap", { timeout: "10s" })
        .catch(() => undefined);
    }
    await until(() => facts.replaced.length > 0);

    expect(facts.lost).toEqual(["ERR_RT_HEAP_LIMIT"]);
    for (const name of ["reader", "worker"]) {
      expect(await run.actor(name, 0).ask("seen", { timeout: "10s" })).toEqual(expect.any(Number));
    }
    expect(await run.actor("worker", 1).ask("seen", { timeout: "10s" })).toEqual(expect.any(Number));
    await run.cancel();
  });

  test("while it drains: the source does not begin to read again", async () => {
    await using system = await start();
    const facts = recorded(system);
    const run = await system.submit(mortal, { params: { count: 10_000_000, rate: 20_000 } });
    await run.started;
    await until(() => run.collected("all").length > 1_000);

    run.actor("reader", 0).tell("exit");
    const drained = run.drain();
    const report = await drained;

    expect(facts.lost.length).toBeLessThanOrEqual(1);
    expect(report.status).toBe("completed");
    const all = run.collected("all");
    expect(new Set(all).size).toBe(all.length);
  });

  test("with all others at once: the job goes on", async () => {
    await using system = await start();
    const facts = recorded(system);
    const run = await system.submit(mortal, { params: { count: 60_000, rate: 30_000 } });
    await run.started;
    await until(() => run.collected("all").length > 1_000);
    expect(new Set(hosts(await run.report(), "worker"))).toEqual(new Set([1, 2]));

    run.actor("worker", 0).tell("exit");
    run.actor("worker", 1).tell("exit");
    await run.completed;

    expect(facts.replaced.toSorted()).toEqual([1, 2]);
    const all = run.collected<number>("all");
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(59_999);
  });

  test("again and again, with a new life of its operators each time", async () => {
    await using system = await start();
    const facts = recorded(system);
    const run = await system.submit(mortal, { params: { count: 100_000, rate: 30_000 } });
    await run.started;
    for (const [times, name] of ["worker", "reader", "worker", "reader"].entries()) {
      const before = run.collected("all").length;
      await until(() => run.collected("all").length > before + 1_000);
      run.actor(name, 0).tell("exit");
      await until(() => facts.replaced.length > times);
    }
    await run.completed;

    const all = run.collected<number>("all");
    expect(new Set(all).size).toBe(all.length);
    expect(facts.replaced).toHaveLength(4);
  });

  test("before the job has begun: it begins all the same", async () => {
    await using system = await start();
    const run = await system.submit(mortal, { params: { count: 1_000 } });
    for (const instance of [0, 1]) run.actor("worker", instance).tell("exit");

    const report = await run.completed;

    expect(report.status).toBe("completed");
    const all = run.collected("all");
    expect(new Set(all).size).toBe(all.length);
  });

  test("while the run is cancelled: it ends", async () => {
    await using system = await start({ hangLimit: "2s" });
    const run = await system.submit(mortal, { params: { count: 10_000_000 } });
    await run.started;
    run.actor("worker", 0).tell("block");
    run.actor("worker", 1).tell("exit");

    await run.cancel();

    expect((await run.completed).status).toBe("cancelled");
  });
});

describe("an operator that does not return from an event", () => {
  test.each([
    ["parse", 5_000, "event 5001 of those that it took on this thread (or .*/numbers/0, which hands"],
    ["clean", 5_000, "event 5001 of those that millrace://.*/stuck/parse/0 took on this thread (or"],
    ["ahead", 6_000, "event \\d+ of those that it took on this thread;"],
    ["behind", 6_000, "event \\d+ of those that millrace://.*/stuck/ahead/. took on this thread;"],
    ["worker", 6_000, "event \\d+ of those that it took on this thread;"],
  ])("is named where its thread is given up: %s", async (where, at, which) => {
    await using system = await start({ hangLimit: "1s" });
    const lost = new Promise<string>((resolve) => system.on("host-lost", ({ error }) => resolve(error.message)));
    const params: StuckParams = { where, at };
    await using _run = await system.submit(stuck, { params });

    const pattern = which.replaceAll("(", "\\(");
    expect(await lost).toMatch(new RegExp(`: millrace://.*/stuck/${where}/. does not return from ${pattern}`));
  });

  test("is named in the error of the job, too", async () => {
    await using system = await start({ hangLimit: "1s" });
    const options = { guarantee: "at-least-once", jobRestarts: { max: 0, within: "1m" } } as const;
    const run = await system.submit(stuck, { params: { where: "worker", at: 6_000 }, ...options });

    await expect(run.completed).rejects.toThrow(
      /job "stuck" failed: host \d was lost: .*\/stuck\/worker\/. does not return from event \d+ of/,
    );
  });
});
