/** Runs under at-most-once that go on from a storage: nothing comes twice, and what may be missing is counted. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { type WrittenParams, written } from "./fixtures/written.job.ts";

const main = fileURLToPath(new URL("./fixtures/written-main.ts", import.meta.url));
const clock = new SystemClock();
let folder: string;
let params: WrittenParams;
let storage: string;

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const text = (from: number, to: number) =>
  numbers(from, to)
    .map((number) => `${number}\n`)
    .join("");

async function output(): Promise<number[]> {
  return (await readFile(params.output, "utf8")).split("\n").slice(0, -1).map(Number);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-at-most-once-"));
  params = { input: join(folder, "input"), output: join(folder, "output") };
  storage = join(folder, "storage");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function runProcess(threads: number, more: Partial<WrittenParams>) {
  const args = [main, storage, `${threads}`, JSON.stringify({ ...params, ...more })];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
  });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  return { signal, lost: Number(printed) };
}

describe("processes that are killed", () => {
  test("repeat nothing, and leave out no more than they say", { timeout: 60_000 }, async () => {
    const count = 100_000;
    await writeFile(params.input, text(0, count));
    for (const [threads, killAfter] of [
      [1, 5_000],
      [0, 30_000],
    ] as const) {
      const run = await runProcess(threads, { killAfter });
      expect(run.signal).toBe("SIGKILL");
    }

    const last = await runProcess(1, {});

    expect(last.signal).toBeNull();
    const lines = await output();
    expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
    expect(lines.length).toBeGreaterThanOrEqual(35_000);
    const missing = count - lines.length;
    expect(missing).toBeGreaterThan(0);
    expect(missing).toBeLessThanOrEqual(last.lost);
  });
});

describe("in one process", () => {
  test("a cancelled run is gone on with where it stood, and leaves out nothing, by several instances as well", async () => {
    const count = 200_000;
    await writeFile(params.input, text(0, count));
    await using system = await ActorSystem.start();
    const options = { params: { ...params, parallelism: 2 }, storage };
    for (const share of [0.1, 0.5]) {
      const run = await system.submit(written, options);
      await run.started;
      while ((await output()).length < count * share) await new Promise<void>((done) => clock.soon(done));
      await run.cancel();
      expect((await output()).length).toBeLessThan(count);
    }

    const last = await (await system.submit(written, options)).completed;

    expect((await output()).sort((a, b) => a - b)).toEqual(numbers(0, count));
    expect(last.lostEvents).toBe(0);
  });

  test("a drained run, and one that has completed, go on with what is left and what was appended", async () => {
    await writeFile(params.input, text(0, 200_000));
    await using system = await ActorSystem.start();
    const first = await system.submit(written, { params, storage });
    await first.started;
    await first.drain();
    const drained = (await output()).length;
    expect(drained).toBeLessThan(200_000);

    await (await system.submit(written, { params, storage })).completed;
    expect(await output()).toEqual(numbers(0, 200_000));
    await (await system.submit(written, { params, storage })).completed;
    await appendFile(params.input, text(200_000, 200_010));
    await (await system.submit(written, { params, storage })).completed;

    expect(await output()).toEqual(numbers(0, 200_010));
  });

  test("exactly-once, a file that grew is read on by a job that was cancelled, and not by one that is over", async () => {
    const messages: string[] = [];
    const logger = { log: (level: string, message: string) => void messages.push(`${level} ${message}`) };
    await using system = await ActorSystem.start({ logger });
    const submit = () => system.submit(written, { params, storage, guarantee: "exactly-once", epochInterval: 10 });
    await writeFile(params.input, text(0, 200_000));
    const first = await submit();
    await first.started;
    while ((await first.report()).epochs?.completed === 0) await new Promise<void>((done) => clock.soon(done));
    await first.cancel();
    await appendFile(params.input, text(200_000, 200_010));

    await (await submit()).completed;
    expect([...new Set(await output())]).toEqual(numbers(0, 200_010));
    const lineCount = (await output()).length;
    await appendFile(params.input, text(200_010, 200_020));
    await (await submit()).completed;

    expect((await output()).length).toBe(lineCount);
    expect(messages).toEqual([expect.stringMatching(/^warn .* has come to its end before/)]);
  });

  test("a storage is for at-most-once or for checkpoints, not for both", async () => {
    await writeFile(params.input, text(0, 10));
    await using system = await ActorSystem.start();
    await (await system.submit(written, { params, storage })).completed;
    const other = join(folder, "other");
    await (await system.submit(written, { params, storage: other, guarantee: "exactly-once" })).completed;

    for (const [place, guarantee] of [
      [storage, "exactly-once"],
      [other, "at-most-once"],
    ] as const) {
      await expect(system.submit(written, { params, storage: place, guarantee })).rejects.toMatchObject({
        code: "ERR_JOB_STORAGE_GUARANTEE",
        details: { guarantee },
      });
    }
  });

  test("a file that was exchanged is refused, and not read from the middle", async () => {
    await writeFile(params.input, text(0, 1_000));
    await using system = await ActorSystem.start({ logger: { log: () => undefined } });
    await (await system.submit(written, { params, storage })).completed;
    await writeFile(params.input, text(5_000, 9_000));

    const run = await system.submit(written, { params, storage });

    await expect(run.completed).rejects.toMatchObject({
      code: "ERR_JOB_FAILED",
      cause: { cause: { code: "ERR_ACT_POSITION_LOST" } },
    });
    expect(await output()).toEqual(numbers(0, 1_000));
  });
});
