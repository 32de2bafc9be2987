/** Jobs that go on from the checkpoint of another run, in this process and in others that were killed. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";
import { type ResumedParams, resumed } from "./fixtures/resumed.job.ts";

const main = fileURLToPath(new URL("./fixtures/resumed-main.ts", import.meta.url));
const clock = new SystemClock();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-resume-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Outcome {
  readonly signal: string | null;
  readonly printed: { readonly firstEpoch: number; readonly counts: unknown; readonly emitted: number } | undefined;
}

/** Runs the job in a process; it kills itself after so many checkpoints, or runs to the end. */
async function runProcess(threads: number, guarantee: string, epochCount: number, params: ResumedParams) {
  const args = [main, folder, `${threads}`, guarantee, `${epochCount}`, JSON.stringify(params)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  return { signal, printed: text === "" ? undefined : JSON.parse(text) } as Outcome;
}

const twoHundredOfEach = Array.from({ length: 10 }, (_, key) => [key, 200]);

describe.each([0, 2])("with %i worker threads", (threads) => {
  test("a process that is killed three times ends with the counts of one that is not", async () => {
    // Slow enough that no process comes to the end of the input before it is killed: each dies at its first checkpoint.
    const params = { count: 2_000, rate: 700 };
    for (let kill = 1; kill <= 3; kill += 1) {
      expect(await runProcess(threads, "exactly-once", 1, params)).toEqual({ signal: "SIGKILL", printed: undefined });
    }

    const { signal, printed } = await runProcess(threads, "exactly-once", 0, params);

    expect(signal).toBeNull();
    expect(printed?.counts).toEqual(twoHundredOfEach);
    expect(printed?.firstEpoch).toBeGreaterThanOrEqual(3);
    // It did not begin anew: what is in the checkpoint was not emitted again.
    expect(printed?.emitted).toBeLessThan(2_000);
    expect((await readdir(folder)).sort()).toEqual([
      "resumed.copies",
      "resumed.lock",
      "resumed.owner",
      "resumed.sqlite",
    ]);
  });
});

describe("in one process", () => {
  const params = { count: 2_000, rate: 20_000 };
  const options = { params, guarantee: "exactly-once", epochInterval: 5 } as const;

  test("a cancelled run is gone on with, on another number of threads", async () => {
    const storage = join(folder, "new");
    await using first = await ActorSystem.start({ threads: 1 });
    const cancelled = await first.submit(resumed, { ...options, params: { count: 2_000, rate: 500 }, storage });
    await cancelled.started;
    const emitted = async () => (await cancelled.report()).operators[0]?.total.out ?? 0;
    while ((await emitted()) < 200) await new Promise<void>((done) => clock.soon(done));
    await cancelled.cancel();
    expect(cancelled.status).toBe("cancelled");

    await using second = await ActorSystem.start({ threads: 0 });
    const run = await second.submit(resumed, { ...options, storage });
    await run.completed;

    expect(countsOf(run.collected("counts"))).toEqual(twoHundredOfEach);
  });

  test("a run that has completed is over: submitted again it ends, with what it had collected", async () => {
    await using system = await ActorSystem.start();
    const first = await system.submit(resumed, { ...options, storage: folder });
    await first.completed;
    expect(countsOf(first.collected("counts"))).toEqual(twoHundredOfEach);

    const again = await system.submit(resumed, { ...options, storage: folder });
    const report = await again.completed;

    expect(countsOf(again.collected("counts"))).toEqual(twoHundredOfEach);
    expect(report.operators.map(({ total }) => total.out)).toEqual([0, 0, 0]);
  });

  test("a storage is used by one run at a time, and free after it", async () => {
    await using system = await ActorSystem.start();
    await using other = await ActorSystem.start();
    const run = await system.submit(resumed, { ...options, params: { count: 1e9, rate: 1_000 }, storage: folder });

    await expect(other.submit(resumed, { ...options, storage: folder })).rejects.toMatchObject({
      code: "ERR_JOB_STORAGE_LOCKED",
      details: { pid: process.pid, job: "resumed" },
    });
    await run.cancel();

    const next = await other.submit(resumed, { ...options, storage: folder });
    await next.completed;
    expect(next.status).toBe("completed");
  });

  test("a damaged checkpoint is refused, and survived by an older copy when that is asked for", async () => {
    const logged: string[] = [];
    await using system = await ActorSystem.start({ logger: { log: (_, message) => void logged.push(message) } });
    // The second run copies what it has verified.
    for (let run = 0; run < 2; run += 1)
      await (await system.submit(resumed, { ...options, storage: folder })).completed;
    await writeFile(join(folder, "resumed.sqlite"), "noise");

    await expect(system.submit(resumed, { ...options, storage: folder })).rejects.toMatchObject({
      name: "StorageDamagedError",
      code: "ERR_JOB_STORAGE_DAMAGED",
      details: { copy: expect.stringMatching(/epoch-\d+\.sqlite$/) },
    });
    const storage = { directory: folder, onDamage: "fall-back" } as const;
    const run = await system.submit(resumed, { ...options, storage });

    expect((await run.completed).operators.map(({ total }) => total.out)).toEqual([0, 0, 0]);
    expect(logged).toContain("the checkpoints were damaged; the job goes on from an older one");
  });

  test("two submits of one name at the same time are one too many", async () => {
    await using system = await ActorSystem.start();

    const [first, second] = await Promise.allSettled([
      system.submit(resumed, { ...options, storage: folder }),
      system.submit(resumed, { ...options, storage: folder }),
    ]);

    expect(first.status).toBe("fulfilled");
    expect(second).toMatchObject({ status: "rejected", reason: { code: "ERR_JOB_NAME_TAKEN" } });
  });

  test.each([
    ["at-most-once", { directory: "./data", onDamage: "fall-back" }, /would repeat events/],
    ["exactly-once", "", /the path of a directory/],
    ["exactly-once", { directory: "" }, /the path of a directory/],
    ["exactly-once", { directory: "./data", onDamage: "ignore" }, /onDamage: expected "refuse" or "fall-back"/],
    ["exactly-once", { directory: "./data", copies: { keep: -1 } }, /copies.keep: expected a whole number from 0/],
    ["exactly-once", { directory: "./data", copies: { interval: 10 } }, /copies.interval: .* at least 1000 ms/],
  ] as const)("under %s the storage %o is refused", async (guarantee, storage, message) => {
    await using system = await ActorSystem.start();

    await expect(system.submit(resumed, { params, guarantee, storage: storage as string })).rejects.toMatchObject({
      code: "ERR_RT_OPTION",
      message: expect.stringMatching(message),
    });
  });

  test("an operator that fails again and again loses nothing and doubles nothing", async () => {
    await using system = await ActorSystem.start({ logger: { log: () => undefined } });
    let failures = 0;
    const job = defineJob("failing", (build) => {
      build
        .source("numbers", generate({ count: 500, rate: 2_000 }))
        .map(
          "work",
          (index) => {
            if (index % 100 === 50 && failures <= index / 100) {
              failures += 1;
              throw new RangeError(`not ${index} now`);
            }
            return index;
          },
          { supervision: { rules: [{ when: RangeError, directive: "restart" }] } },
        )
        .collect("all");
    });

    const run = await system.submit(job, { guarantee: "exactly-once", epochInterval: 1, storage: folder });
    await run.completed;

    expect(failures).toBe(5);
    expect(run.collected("all")).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });
});

function countsOf(events: readonly unknown[]): unknown {
  return (events as readonly { key: number; count: number }[])
    .map(({ key, count }) => [key, count])
    .sort(([left = 0], [right = 0]) => left - right);
}
