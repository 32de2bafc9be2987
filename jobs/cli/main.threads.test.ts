/** The command as a process: on real threads, with real signals. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const doorUrl = JSON.stringify(new URL("../index.ts", import.meta.url).href);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-main-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe.each([0, 1])("with %i worker threads", (threads) => {
  test("a bounded job prints its events and ends with code 0", async () => {
    const job = await jobFile(
      "bounded",
      'job.source("numbers", generate({ count: 3 })).map("double", (n) => n * 2).sink("out", stdout());',
    );

    const { exitCode, out, err } = await millrace("run", job, "--threads", `${threads}`);

    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "0\n2\n4\n" });
    expect(err).toMatch(/^sample completed in .*: 3 events/);
  });

  test("a job that fails ends with code 1 and says why", async () => {
    const job = await jobFile(
      "failing",
      `job.supervision("stop");
       job.source("numbers", generate({ count: 3 })).map("broken", () => { throw new TypeError("no such field"); })
         .sink("out", discard());`,
    );

    const { exitCode, err } = await millrace("run", job, "--threads", `${threads}`);

    expect(exitCode).toBe(1);
    expect(err).toMatch(/^error ERR_JOB_FAILED: .*no such field/m);
    expect(err).toMatch(/caused by .*no such field/);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test("under exactly-once an operator that fails once costs nothing", async () => {
    const job = await jobFile(
      "exactly-once",
      `job.source("numbers", generate({ count: 1000 }))
         .keyBy(() => "all")
         .scan("sum", () => 0, (sum, n, { incarnation }) => {
           if (n === 500 && incarnation === 0) throw new Error("once");
           return sum + n;
         }, { emit: "end" })
         .collect("out");`,
    );

    const { exitCode, out } = await millrace(
      ...["run", job, "--threads", `${threads}`, "--guarantee", "exactly-once", "--epoch-interval", "1ms"],
    );

    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '{"key":"all","value":499500}\n' });
  });

  test("one SIGINT drains an endless job: code 0", async () => {
    const job = await jobFile("endless", 'job.source("numbers", generate({ rate: 1000 })).output("live");');
    const child = start("run", job, "--threads", `${threads}`);

    await once(child.stdout, "data");
    child.kill("SIGINT");

    const { exitCode, err } = await ended(child);
    expect(exitCode).toBe(0);
    expect(err).toMatch(/^draining.*\nsample completed in /m);
  });

  test("a second SIGINT cancels a job that does not get done: code 130", async () => {
    const job = await jobFile(
      "stuck",
      `job.source("numbers", generate({ rate: 1000 })).tap("look", () => console.log("begun"))
         .mapAsync("never", () => new Promise(() => {}), { timeout: "1h" }).sink("out", discard());`,
    );
    const child = start("run", job, "--threads", `${threads}`);

    await once(child.stdout, "data");
    child.kill("SIGINT");
    await once(child.stderr, "data");
    child.kill("SIGINT");

    const { exitCode, err } = await ended(child);
    expect(exitCode).toBe(130);
    expect(err).toContain("cancelling\nsample cancelled in ");
  });

  test("a reader that goes away ends the run: code 1", async () => {
    const job = await jobFile("unread", 'job.source("numbers", generate()).output("live");');
    const child = start("run", job, "--threads", `${threads}`);

    await once(child.stdout, "data");
    child.stdout.destroy();

    const { exitCode, err } = await ended(child);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/error EPIPE/);
  });
});

test("the graph of a job is printed without starting it", async () => {
  const job = await jobFile("graph", 'job.source("numbers", generate()).sink("out", discard());');

  const { exitCode, out } = await millrace("graph", job, "--threads", "1");

  expect(exitCode).toBe(0);
  expect(out).toMatch(/^job sample: 2 operators in 1 chain/);
});

test("wrong usage ends with code 2", async () => {
  expect(await millrace("run")).toMatchObject({ exitCode: 2, out: "" });
});

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

const outputs = new WeakMap<Child, { out: string; err: string }>();

async function jobFile(name: string, body: string): Promise<string> {
  const path = join(folder, `${name}.job.ts`);
  await writeFile(
    path,
    `import { defineJob, discard, generate, stdout } from ${doorUrl};
     export default defineJob("sample", import.meta.url, (job) => { ${body} });`,
  );
  return path;
}

function start(...given: string[]): Child {
  const child = spawn(process.execPath, [main, ...given], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    output.out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output.err += chunk.toString();
  });
  outputs.set(child, output);
  return child;
}

async function millrace(...given: string[]): Promise<Ended> {
  return ended(start(...given));
}

async function ended(child: Child): Promise<Ended> {
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, ...(outputs.get(child) ?? { out: "", err: "" }) };
}
