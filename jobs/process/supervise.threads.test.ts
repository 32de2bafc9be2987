/** Jobs in processes of their own, which are killed for real. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { notedEpoch } from "../store/storage-lock.ts";
import { type MortalParams, mortal } from "./fixtures/mortal.job.ts";
import type { ProcessFactOf } from "./process-facts.ts";
import { type SuperviseOptions, supervise, superviseModule } from "./supervise.ts";
import type { SupervisedRun } from "./supervised-run.ts";

/** Each starts several processes, which takes a while on a machine that is busy otherwise. */
vi.setConfig({ testTimeout: 90_000 });

const clock = new SystemClock();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-supervise-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function start(params: MortalParams, options: Partial<SuperviseOptions<MortalParams>> = {}) {
  const module = { module: mortal.url as string, job: mortal.name, name: mortal.name, outputs: "refuse" } as const;
  const run = superviseModule(
    { ...module, writeErrorText: () => undefined },
    {
      ...{ params, storage: folder, epochInterval: 5, standby: false },
      ...options,
    },
  );
  const losses: ProcessFactOf<"process-lost">[] = [];
  run.on("process-lost", (fact) => losses.push(fact));
  return { run, losses };
}

/** Ends only when it is told to. */
const endless = { count: 1e9, rate: 1_000 };

/** How often each key is among so many events. */
const countsOfFirst = (events: number) =>
  Array.from({ length: Math.min(events, 10) }, (_, key) => [key, Math.ceil((events - key) / 10)]);

function countsOf(run: SupervisedRun): [number, number][] {
  return run
    .collected<{ key: number; count: number }>("counts")
    .map(({ key, count }): [number, number] => [key, count])
    .sort(([left], [right]) => left - right);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((done) => clock.after(1, done));
}

describe("a process that is killed again and again", () => {
  test.each([
    [0, [300, 700]],
    [2, [800]],
  ])("ends under exactly-once with the counts of one that is not, on %i threads", async (threads, at) => {
    const params = { ...endless, at, checkpointIn: folder, once: join(folder, "fault") };
    const { run, losses } = start(params, { threads });

    await until(() => losses.length === at.length && run.status === "running");
    const report = await run.drain();

    const read = report.operators[0]?.instances[0]?.progress?.done ?? 0;
    expect(countsOf(run)).toEqual(countsOfFirst(read));
    expect(report).toMatchObject({ status: "completed", processRestarts: at.length });
    // It did not begin anew.
    expect(report.operators[0]?.total.out).toBeLessThan(read);
    const epochs = losses.map(({ error }) => error.details.checkpointEpoch as number);
    expect(epochs).toEqual(epochs.toSorted((left, right) => left - right));
    expect(losses.map(({ error }) => error.details.signal)).toEqual(at.map(() => "SIGKILL"));

    // As if it had died between its last checkpoint and the telling of it.
    const again = supervise(mortal, { params, storage: folder, threads, standby: false });
    await again.completed;
    expect(countsOf(again)).toEqual(countsOfFirst(read));
  });

  test("loses nothing under at-least-once", async () => {
    const { run, losses } = start(
      { count: 1_000, rate: 2_000, at: [600], once: join(folder, "fault") },
      { guarantee: "at-least-once" },
    );
    await run.completed;

    expect(losses.map(({ error }) => error.details.signal)).toEqual(["SIGKILL"]);
    expect(countsOf(run).map(([key]) => key)).toEqual(countsOfFirst(1_000).map(([key]) => key));
    for (const [, count] of countsOf(run)) expect(count).toBeGreaterThanOrEqual(100);
  });
});

test("processes that stand by may die with the one that runs the job, and while they take over", async () => {
  const { run, losses } = start(endless, { standby: true, backoff: { min: 10 } });
  const standing: number[] = [];
  run.on("process-stands-by", ({ pid }) => standing.push(pid));

  await until(() => standing.length === 1);
  const both = [run.pid, ...standing] as number[];
  for (const pid of both) process.kill(pid, "SIGKILL");
  await until(() => standing.length === 2);
  const heir = standing[1] as number;
  process.kill(run.pid as number, "SIGKILL");
  await until(() => run.pid === heir);
  process.kill(heir, "SIGKILL");
  await until(() => losses.at(-1)?.pid === heir && run.status === "running");
  const report = await run.drain();

  // Whether the end of the one that stood by was noticed first, or it was to take over, is a matter of chance.
  expect(losses.map(({ pid }) => pid).filter((pid) => pid !== both[1])).toEqual([both[0], expect.any(Number), heir]);
  const counted = countsOf(run).reduce((sum, [, count]) => sum + count, 0);
  expect(counted).toBe(report.operators[0]?.instances[0]?.progress?.done);
});

test("a process that exits with code 0 before the job has ended is replaced, and its heirs are told to drain", async () => {
  const { run, losses } = start({ ...endless, at: [200], fault: "exit", once: join(folder, "fault") });
  await until(() => losses.length === 1);
  const report = await run.drain();

  expect(losses[0]?.error.details).toMatchObject({ exitCode: 0, signal: null });
  expect(report).toMatchObject({ status: "completed", processRestarts: 1 });
  const counted = countsOf(run).reduce((sum, [, count]) => sum + count, 0);
  expect(counted).toBe(report.operators[0]?.instances[0]?.progress?.done);
});

test("a process that aborts each time is given up on, with the last checkpoint and the cause", async () => {
  const { run } = start(
    { ...endless, at: [500], checkpointIn: folder, fault: "abort" },
    { restarts: { max: 2, within: "1m" }, backoff: { min: 10 } },
  );

  const error = await run.completed.catch((reason: unknown) => reason);

  const checkpointEpoch = notedEpoch(folder, "mortal");
  expect(checkpointEpoch).toBeGreaterThan(0);
  expect(error).toMatchObject({
    code: "ERR_JOB_PROCESS_RESTARTS_SPENT",
    details: { signal: "SIGABRT", checkpointEpoch, restartsMax: 2 },
    cause: { code: "ERR_JOB_PROCESS_DIED" },
  });
  expect(run.processRestarts).toBe(2);
});

test("a job that fails by its own error is not run again", async () => {
  const { run, losses } = start({ ...endless, at: [100], fault: "fail" });

  await expect(run.completed).rejects.toMatchObject({
    code: "ERR_JOB_FAILED",
    message: expect.stringContaining("the job's own"),
  });
  expect(losses).toEqual([]);
});

test("while a process stands still nobody else gets its storage, and when it wakes up it goes on", async () => {
  const { run } = start(endless);
  await run.started;
  process.kill(run.pid as number, "SIGSTOP");

  const other = start(endless);
  await expect(other.run.completed).rejects.toMatchObject({
    code: "ERR_JOB_STORAGE_LOCKED",
    details: { pid: run.pid, job: "mortal" },
  });
  process.kill(run.pid as number, "SIGCONT");

  const report = await run.drain();
  expect(countsOf(run)).toEqual(countsOfFirst(report.operators[0]?.instances[0]?.progress?.done ?? 0));
});

test("its operators answer, and what is wrong with a question is said", async () => {
  const { run } = start(endless);
  await run.started;

  expect((await run.report()).status).toBe("running");
  await expect(run.ask("nobody", 0, "?", { timeout: "5s" })).rejects.toMatchObject({
    code: "ERR_JOB_OPERATOR_UNKNOWN",
  });
  await run.cancel();
  expect(run.status).toBe("cancelled");
});
