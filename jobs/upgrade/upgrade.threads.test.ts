/** Jobs that go on as another version: from their last checkpoint, or from a savepoint. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem, type SubmitOptions } from "../actor-system.ts";
import type { JobRun } from "../run/job-run.ts";
import { readStoreFile } from "../store/file/read-store-file.ts";
import { SavepointRequests } from "../store/file/savepoint-requests.ts";
import { keyCount, type TotalsParams, totals } from "./fixtures/totals.job.ts";

const clock = new SystemClock();
const count = 2_000;
const slow: TotalsParams = { version: "first", count, rate: 400 };
let storage: string;
const logged: string[] = [];

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "millrace-upgrade-"));
  logged.length = 0;
});

afterEach(async () => {
  await rm(storage, { recursive: true });
});

function start(threads: number): Promise<ActorSystem> {
  return ActorSystem.start({ threads, logger: { log: (_level, message) => void logged.push(message) } });
}

function submit(
  system: ActorSystem,
  params: TotalsParams,
  options: Partial<SubmitOptions<TotalsParams>> = {},
): Promise<JobRun> {
  return system.submit(totals, { params, guarantee: "exactly-once", epochInterval: 5, storage, ...options });
}

/** Resolves when the sources have emitted so many events. */
async function emitted(run: JobRun, eventCount: number): Promise<void> {
  await run.started;
  while (((await run.report()).operators[0]?.total.out ?? 0) < eventCount) {
    await new Promise<void>((done) => clock.soon(done));
  }
}

interface Total {
  readonly key: number;
  readonly value: number;
  readonly migrated?: boolean;
}

/** By key, as a plain loop adds them up. */
const right = Array.from({ length: keyCount }, (_, key) => [
  key,
  Array.from({ length: count }, (_number, index) => index)
    .filter((number) => number % keyCount === key)
    .reduce((sum, number) => sum + number, 0),
]);

const totalsOf = (run: JobRun) =>
  run
    .collected<Total>("totals")
    .map(({ key, value }) => [key, value])
    .sort(([left = 0], [other = 0]) => left - other);

const codesOf = (error: unknown): unknown[] =>
  error instanceof Error ? [(error as { code?: unknown }).code, ...codesOf(error.cause)] : [];

describe.each([
  [0, 0],
  [2, 1],
])("on %i worker threads and then on %i", (before, after) => {
  test("a job goes on as another version, on fewer instances of its source and more of its operator", async () => {
    let readAtStop = 0;
    {
      await using system = await start(before);
      const first = await submit(system, slow);
      await emitted(first, 200);
      const stopped = await first.stop();
      expect(stopped.status).toBe("stopped");
      readAtStop = stopped.operators[0]?.total.out ?? 0;
    }
    await using system = await start(after);

    const second = await submit(system, { version: "second", count, sources: 1 });
    const report = await second.completed;

    expect(totalsOf(second)).toEqual(right);
    expect(second.collected<Total>("totals").every(({ migrated }) => migrated)).toBe(true);
    const readLater = report.operators[0]?.total.out ?? 0;
    expect(readLater).toBeLessThan(count);
    expect(readAtStop + readLater).toBeGreaterThanOrEqual(count);
    expect(logged.find((message) => message.includes("has changed"))).toMatch(
      /kept +source "numbers": 2 instances then, 1 instance now[\s\S]*new +operator "same"[\s\S]*migrated operator "sums": was called "total"/,
    );
  });
});

describe("a savepoint", () => {
  test("is taken by a run that another process asks by the storage", async () => {
    await using system = await start(0);
    const run = await submit(system, { ...slow, rate: 1_000 });
    await emitted(run, 100);
    const requests = new SavepointRequests(join(storage, run.job));
    const answerTo = async (name: string) => {
      requests.ask(name);
      let answer = requests.answerTo(name);
      for (; answer.kind === "waits"; answer = requests.answerTo(name)) {
        await new Promise<void>((done) => clock.after(5, done));
      }
      return answer;
    };

    expect(await answerTo("asked")).toEqual({ kind: "taken" });
    expect(await answerTo("asked")).toMatchObject({ kind: "refused", error: { code: "ERR_JOB_SAVEPOINT_TAKEN" } });
    await run.stop();

    const { epoch } = readStoreFile(join(storage, `${run.job}.savepoints`, "asked.sqlite"), run.job, 0);
    expect(epoch).toBeGreaterThan(0);
  });

  test("is what another version begins from, while the first one has gone on to its end", async () => {
    await using system = await start(0);
    const first = await submit(system, { ...slow, rate: 4_000 });
    await emitted(first, 100);

    const path = await first.savepoint("before-second");
    await first.completed;
    expect(totalsOf(first)).toEqual(right);
    const second = await submit(system, { version: "second", count }, { from: "before-second" });
    const report = await second.completed;

    expect(path).toBe(join(storage, "totals.savepoints", "before-second.sqlite"));
    expect(totalsOf(second)).toEqual(right);
    expect(report.operators[0]?.total.out).toBeGreaterThan(0);
  });

  test("is begun from once: started again in the same way, the job goes on from its last checkpoint", async () => {
    await using system = await start(0);
    const first = await submit(system, slow);
    await emitted(first, 100);
    await first.savepoint("one");
    await first.cancel();
    const again = { version: "second", count } as const;
    await (await submit(system, again, { from: "one" })).completed;

    const report = await (await submit(system, again, { from: "one" })).completed;

    expect(report.operators.map(({ total }) => total.out)).toEqual([0, 0, 0, 0, 0]);
    expect(logged).toContainEqual(expect.stringMatching(/has begun from this savepoint before/));
  });

  test("is a file that another storage can begin from", async () => {
    await using system = await start(0);
    const first = await submit(system, slow);
    await emitted(first, 100);
    const from = await first.savepoint("one");
    await first.cancel();

    const second = await submit(system, { version: "second", count }, { from, storage: join(storage, "other") });
    await second.completed;

    expect(totalsOf(second)).toEqual(right);
  });

  test("is refused by name, without storage, and when the run is over", async () => {
    await using system = await start(0);
    const run = await submit(system, slow);
    await expect(run.savepoint("early")).rejects.toMatchObject({ code: "ERR_JOB_SAVEPOINT" });
    await run.started;

    await expect(run.savepoint("../x")).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
    await run.savepoint("one");
    await expect(run.savepoint("one")).rejects.toMatchObject({ code: "ERR_JOB_SAVEPOINT_TAKEN" });
    await run.cancel();
    await expect(run.savepoint("late")).rejects.toMatchObject({ code: "ERR_JOB_SAVEPOINT" });

    await expect(submit(system, slow, { from: "two" })).rejects.toMatchObject({
      code: "ERR_JOB_SAVEPOINT_UNKNOWN",
      message: expect.stringMatching(/no savepoint "two" in .*; there are "one"/),
    });
    await expect(submit(system, slow, { from: "./none.sqlite" })).rejects.toMatchObject({
      code: "ERR_JOB_SAVEPOINT_UNKNOWN",
    });
    const { storage: _, ...inMemory } = { storage, params: slow, guarantee: "exactly-once" } as const;
    await expect(system.submit(totals, { ...inMemory, from: "one" })).rejects.toMatchObject({ code: "ERR_RT_OPTION" });
    const unstored = await system.submit(totals, inMemory);
    await unstored.started;
    await expect(unstored.savepoint("one")).rejects.toMatchObject({ code: "ERR_JOB_SAVEPOINT" });
    await expect(unstored.stop()).rejects.toMatchObject({ code: "ERR_JOB_SAVEPOINT" });
  });
});

describe("a checkpoint stays as it is", () => {
  test("when the job would drop what it holds, which is said line by line; unless that is allowed", async () => {
    await using system = await start(0);
    const first = await submit(system, slow);
    await emitted(first, 100);
    await first.stop();
    const other = { version: "other", count } as const;

    await expect(submit(system, other)).rejects.toMatchObject({
      name: "StorageGraphError",
      code: "ERR_JOB_STORAGE_GRAPH",
      message: expect.stringMatching(
        /nothing was changed:\n {2}refused +operator "total": .*state "fold" of 20 pieces would be lost\n[\s\S]*allowDropped: \["total"\] \(--allow-dropped total\)/,
      ),
    });
    await expect(submit(system, other, { allowDropped: ["totl"] })).rejects.toMatchObject({
      code: "ERR_JOB_STORAGE_GRAPH",
      message: expect.stringMatching(/\nallowDropped names "totl": neither stored nor in the job\.$/),
    });
    const again = await submit(system, { version: "first", count });
    await again.completed;
    expect(totalsOf(again)).toEqual(right);

    const dropped = await submit(system, other, { allowDropped: ["total"] });
    expect((await dropped.completed).status).toBe("completed");
  });

  test("when a migration throws: the job fails by operator, state and key, and the first version goes on", async () => {
    await using system = await start(0);
    const first = await submit(system, slow);
    await emitted(first, 100);
    await first.stop();

    const broken = await submit(system, { version: "broken", count });
    const error: unknown = await broken.completed.catch((reason: unknown) => reason);

    expect(codesOf(error)).toContain("ERR_ACT_STATE_MIGRATION");
    const again = await submit(system, { version: "first", count });
    await again.completed;
    expect(totalsOf(again)).toEqual(right);
  });
});

test("a stop and a drain take a last checkpoint, a cancel takes none", async () => {
  await using system = await start(0);
  const rarely = { epochInterval: "1h" } as const;
  const one = { ...slow, sources: 1 };
  const first = await submit(system, one, rarely);
  await emitted(first, 100);
  await first.cancel();

  const second = await submit(system, one, rarely);
  await emitted(second, 100);
  await second.stop();
  const third = await submit(system, { ...one, rate: 4_000 }, rarely);
  await emitted(third, 1);
  await third.drain();
  const last = await (await submit(system, one, rarely)).completed;

  expect(second.status).toBe("stopped");
  // The numbers of the first run came again, those of the second and the third did not.
  const outs = [await second.report(), await third.report()].map(({ operators }) => operators[0]?.total.out ?? 0);
  const sum = totalsOf(third).reduce((all, [, value = 0]) => all + value, 0);
  const events = outs.reduce((all, out) => all + out, 0);
  expect(sum).toBe((events * (events - 1)) / 2);
  expect(last.operators.map(({ total }) => total.out)).toEqual([0, 0, 0]);
});
