import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { runProgram } from "./program.ts";

let folder: string;
let job: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-program-"));
  job = join(folder, "sample.job.ts");
  await writeFile(
    job,
    `import { defineJob } from ${JSON.stringify(new URL("../define-job.ts", import.meta.url).href)};
     import { sampleSink, sampleSource } from ${JSON.stringify(new URL("../fixtures/sample-specs.ts", import.meta.url).href)};
     const build = (job, { lanes = 1 }) => {
       job.source("sensor", sampleSource(), { parallelism: lanes }).shuffle().sink("report", sampleSink());
     };
     export default defineJob("first", import.meta.url, build);
     export const other = defineJob("second", import.meta.url, build);`,
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("millrace graph", () => {
  test("prints the plan of a job with the params and threads given", async () => {
    const { exitCode, out, err } = await millrace("graph", job, "--param", "lanes=3", "--threads", "2");

    expect(exitCode).toBe(0);
    expect(out).toContain("job first: 2 operators in 2 chains, 4 cells on 2 worker threads, 3 channels");
    expect(err).toBe("");
  });

  test("prints JSON and Mermaid", async () => {
    expect(JSON.parse((await millrace("graph", job, "--format", "json")).out)).toMatchObject({ job: "first" });
    expect((await millrace("graph", job, "--format", "mermaid")).out).toMatch(/^flowchart LR\n/);
  });

  test("takes the job that was asked for", async () => {
    expect((await millrace("graph", job, "--job", "second")).out).toContain("job second:");
  });

  test("uses as many threads as there are by default", async () => {
    expect((await millrace("graph", job)).out).toContain("on 5 worker threads");
  });
});

describe("wrong usage ends with code 2 and an error", () => {
  test.each<readonly [string, readonly string[], RegExp]>([
    ["an unknown command", ["grpah", "x"], /^error ERR_JOB_USAGE: unknown command 'grpah'/],
    ["an unknown option", ["graph", "x", "--thread", "1"], /^error ERR_JOB_USAGE: unknown option '--thread'/],
    ["no file", ["graph"], /^error ERR_JOB_USAGE: missing required argument/],
    ["two files", ["graph", "x", "y"], /^error ERR_JOB_USAGE: too many arguments/],
    ["a format that does not exist", ["graph", "x", "--format", "xml"], /^error ERR_JOB_USAGE: .*text, json, mermaid/],
    ["threads that are no number", ["graph", "x", "--threads", "two"], /^error ERR_JOB_USAGE: .*0 to 256/],
    ["negative threads", ["graph", "x", "--threads", "-1"], /^error ERR_JOB_USAGE: .*0 to 256/],
    ["too many threads", ["graph", "x", "--threads", "257"], /^error ERR_JOB_USAGE: .*0 to 256/],
    [
      "a guarantee that does not exist",
      ["run", "x", "--guarantee", "twice"],
      /ERR_JOB_USAGE: .*at-most-once, at-least-once, exactly-once/,
    ],
    [
      "an interval that is none",
      ["run", "x", "--epoch-interval", "soon"],
      /ERR_JOB_USAGE: .*--epoch-interval.*duration/,
    ],
    [
      "an interval without epochs",
      ["run", "x", "--epoch-interval", "1s"],
      /ERR_JOB_USAGE: --epoch-interval needs --guarantee/,
    ],
    [
      "a storage without checkpoints",
      ["run", "x", "--storage", "d", "--guarantee", "at-most-once"],
      /ERR_JOB_USAGE: --storage needs --guarantee/,
    ],
    ["an epoch timeout without epochs", ["run", "x", "--epoch-timeout", "1m"], /ERR_JOB_USAGE: --epoch-timeout needs/],
    ["damage of no storage", ["run", "x", "--on-damage", "refuse"], /ERR_JOB_USAGE: .*--on-damage need --storage/],
    ["restarts of no process", ["run", "x", "--restarts", "1/1m"], /ERR_JOB_USAGE: --restarts needs --storage/],
    [
      "restarts of this process",
      ["run", "x", "--storage", "d", "--in-process", "--restarts", "1/1m"],
      /ERR_JOB_USAGE: --restarts needs --storage and no --in-process/,
    ],
    [
      "restarts without a time",
      ["run", "x", "--storage", "d", "--restarts", "3"],
      /ERR_JOB_USAGE: --restarts 3: expected/,
    ],
    ["restarts in no time", ["run", "x", "--storage", "d", "--restarts", "3/0s"], /ERR_JOB_USAGE: --restarts 3\/0s/],
    ["a param without a value", ["graph", "x", "--param", "port"], /^error ERR_JOB_USAGE: --param port/],
    ["a file that does not exist", ["graph", "/nowhere/x.ts"], /^error ERR_JOB_FILE_MISSING: .*\n {2}caused by ENOENT/],
  ])("%s", async (_what, given, expected) => {
    const { exitCode, out, err } = await millrace(...given);

    expect(exitCode).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test.each([
    [["bogus"], "millrace"],
    [["graph"], "millrace graph"],
    [["graph", "x", "--bogus"], "millrace graph"],
    [["checkpoints", "bogus"], "millrace checkpoints"],
    [["checkpoints", "restore", "totals", "x"], "millrace checkpoints restore"],
  ])("%j points to the help of %s", async (given, command) => {
    expect((await millrace(...given)).err).toMatch(new RegExp(`^${command} --help says what is possible$`, "m"));
  });

  test("no command shows the help", async () => {
    const { exitCode, err } = await millrace();

    expect(exitCode).toBe(2);
    expect(err).toContain("Usage: millrace");
  });

  test("a param that the job refuses", async () => {
    const { exitCode, err } = await millrace("graph", job, "--param", "lanes=0");

    expect(exitCode).toBe(2);
    expect(err).toMatch(/^error ERR_JOB_PARALLELISM: source "sensor"/);
  });

  test("with its stack when asked for", async () => {
    expect((await millrace("graph", "/nowhere/x.ts", "--verbose")).err).toMatch(/^\s+at /m);
  });
});

describe("help and version end with code 0", () => {
  test("--version prints the version of the package", async () => {
    const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));

    expect(await millrace("--version")).toEqual({ exitCode: 0, out: `${version}\n`, err: "" });
  });

  test.each([[["--help"]], [["graph", "--help"]], [["run", "--help"]], [["help", "run"]]])(
    "%j prints usage and examples",
    async (given) => {
      const { exitCode, out } = await millrace(...given);

      expect(exitCode).toBe(0);
      expect(out).toMatch(/Usage: millrace/);
      expect(out).toMatch(/Examples:\n {2}millrace /);
    },
  );

  test("the help documents every exit code", async () => {
    const { out } = await millrace("--help");

    for (const code of [0, 1, 2, 130])
      expect(out).toMatch(new RegExp(`^ {2}${code} +the job|^ {2}${code} +wrong`, "m"));
  });
});

async function millrace(...given: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const stdout = { write: (text: string) => (out += text) };
  const stderr = { write: (text: string) => (err += text) };
  const context = {
    stdout,
    stderr,
    clock: new VirtualClock(),
    onSignal: () => () => undefined,
    startSystem,
    supervise: startSystem,
  };
  const exitCode = await runProgram(given, context, 5);
  return { exitCode, out, err };
}

function startSystem(): never {
  throw new Error("these tests start nothing");
}
