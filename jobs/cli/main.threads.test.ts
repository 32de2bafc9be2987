/** The command as a process: on real threads, with real signals. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

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
    expect(err).toMatch(/^ {2}caused by TypeError$/m);
    expect(err.match(/^\s+at .*:/gm)).toEqual([`  at ${job}:3:`]);
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

describe("with a storage the job runs in a process of its own", () => {
  const mortal = fileURLToPath(new URL("../process/fixtures/mortal.job.ts", import.meta.url));
  const totals = Array.from({ length: 10 }, (_, key) => `{"key":${key},"count":100}`);
  vi.setConfig({ testTimeout: 90_000 });
  let storage: string;

  beforeEach(async () => {
    storage = await mkdtemp(join(folder, "storage-"));
  });

  function mortalRun(count: number, ...given: string[]): string[] {
    const params = ["--param", `count=${count}`, "--param", "rate=1000"];
    return ["run", mortal, "--storage", storage, "--threads", "0", "--epoch-interval", "10ms", ...params, ...given];
  }

  test("that is replaced after an overflow of its heap: code 0, and the result of a run without", async () => {
    const once = ["--param", `once=${join(storage, "fault")}`];
    const { exitCode, out, err } = await ended(
      startWith(
        ["--max-old-space-size=80"],
        ...mortalRun(1_000, "--param", "fault=heap", "--param", "at=[500]", ...once),
      ),
    );

    expect({ exitCode, totals: out.trim().split("\n").sort() }).toEqual({ exitCode: 0, totals });
    expect(err).toMatch(/FATAL ERROR: .*heap/);
    expect(err).toMatch(/^the process of the job aborted.*; starts again from the checkpoint of epoch \d+ now$/m);
    expect(err).toMatch(/^goes on in process \d+$/m);
  });

  test("that is stopped by SIGTERM: code 0, and the same command goes on to the whole result", async () => {
    const child = start(...mortalRun(1_000));
    await epochNoted(2);
    child.kill("SIGTERM");
    const stopped = await ended(child);
    const owner = await livingOwner();

    const { exitCode, out, err } = await millrace(...mortalRun(1_000));

    expect(stopped).toMatchObject({ exitCode: 0, out: "" });
    expect(stopped.err).toMatch(/^stopped at the checkpoint of epoch \d+; the same command goes on from there/m);
    expect(owner).toBeUndefined();
    expect({ exitCode, totals: out.trim().split("\n").sort() }).toEqual({ exitCode: 0, totals });
    const [first = 0, second = 0] = [stopped.err, err].map((text) => Number(/: (\d+) events?,/.exec(text)?.[1]));
    expect(first + second).toBe(1_000);
  });

  test.each([
    ["in a process of its own", []],
    ["in this process", ["--in-process"]],
  ])("that is a file is refused, %s: code 2", async (_, further) => {
    const { exitCode, out, err } = await millrace(...mortalRun(1), "--storage", mortal, ...further);

    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toMatch(/^error ERR_JOB_STORAGE: storage .*mortal\.job\.ts cannot be used: /);
  });

  test("that waits for its last checkpoint refuses another one, code 2, and is cancelled by a second signal, 130", async () => {
    const job = await jobFile(
      "stuck-with-storage",
      `job.source("numbers", generate({ rate: 1000 })).tap("look", () => console.log("begun"))
         .mapAsync("never", () => new Promise(() => {}), { timeout: "1h" }).sink("out", discard());`,
    );
    const child = start("run", job, "--storage", storage, "--threads", "0");
    await once(child.stdout, "data");
    child.kill("SIGINT");
    await once(child.stderr, "data");
    const besides = await millrace("run", job, "--storage", storage, "--threads", "0", "--in-process");
    child.kill("SIGINT");

    expect(besides).toMatchObject({ exitCode: 2, err: expect.stringMatching(/^error ERR_JOB_STORAGE_LOCKED: /) });
    expect((await ended(child)).exitCode).toBe(130);
  });

  test("that ends when the command is killed, and lets the next one go on at once", async () => {
    const child = start(...mortalRun(1_000));
    await epochNoted(2);
    const owner = await livingOwner();
    child.kill("SIGKILL");
    // The process of the job has the standard output of the command, which closes with the last of the two.
    await ended(child);

    const { exitCode, out } = await millrace(...mortalRun(1_000));

    expect(owner).toBeGreaterThan(0);
    expect({ exitCode, totals: out.trim().split("\n").sort() }).toEqual({ exitCode: 0, totals });
  });

  /** What the storage tells of whoever used it last. */
  async function note(): Promise<{ readonly pid: number; readonly epoch: number } | undefined> {
    const text = await readFile(join(storage, "mortal.owner"), "utf8").catch(() => "");
    return text === "" ? undefined : JSON.parse(text.slice(text.indexOf(" ")));
  }

  async function epochNoted(epoch: number): Promise<void> {
    while (((await note())?.epoch ?? 0) < epoch);
  }

  async function livingOwner(): Promise<number | undefined> {
    const pid = (await note())?.pid ?? 0;
    try {
      process.kill(pid, 0);
      return pid;
    } catch {
      return undefined;
    }
  }
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
  return startWith([], ...given);
}

/** @param options of Node */
function startWith(options: readonly string[], ...given: string[]): Child {
  return spawned(...options, main, ...given);
}

function spawned(...given: string[]): Child {
  const child = spawn(process.execPath, given, { stdio: ["ignore", "pipe", "pipe"] });
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

test("in a clone a job runs that imports the package by its name", async () => {
  const path = join(folder, "by-name.job.ts");
  await writeFile(
    path,
    `import { defineJob, generate, stdout } from "millrace";
     import { simulate } from "millrace/testing";
     export default defineJob("by-name", import.meta.url, (job) => {
       job.source("numbers", generate({ count: 2 })).map("text", (n) => n + typeof simulate).sink("out", stdout());
     });`,
  );

  const { exitCode, out } = await millrace("run", path, "--threads", "1");

  expect({ exitCode, out }).toEqual({ exitCode: 0, out: "0function\n1function\n" });
});

test("on a Node that is too old the command says which one it needs", async () => {
  const old = 'data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "22.23.1" } })';
  const entry = fileURLToPath(new URL("./millrace.ts", import.meta.url));

  const { exitCode, out, err } = await ended(spawned("--import", old, entry, "--version"));
  const { engines } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));

  expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
  expect(err).toBe(`error millrace needs Node 24 or newer; ${process.execPath} is Node 22.23.1\n`);
  expect(engines.node).toBe(">=24");
});

async function ended(child: Child): Promise<Ended> {
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, ...(outputs.get(child) ?? { out: "", err: "" }) };
}
