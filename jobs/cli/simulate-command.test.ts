import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { VirtualClock } from "../../runtime/index.ts";
import { runProgram } from "./program.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const numbered = join(fixtures, "numbered.job.ts");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-simulate-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function simulate(...given: string[]) {
  const texts = { out: "", err: "" };
  const into = (name: "out" | "err") => ({
    write(text: string) {
      texts[name] += text;
    },
  });
  const refuse = () => {
    throw new Error("nothing real is started");
  };
  const exitCode = await runProgram(
    ["simulate", ...given],
    {
      stdout: into("out"),
      stderr: into("err"),
      clock: new VirtualClock(),
      onSignal: () => () => undefined,
      startSystem: refuse,
      supervise: refuse,
    },
    1,
  );
  return { ...texts, exitCode };
}

test("a job whose output is that of a run without faults passes", async () => {
  const { out, err, exitCode } = await simulate(numbered, "--seeds", "5", "--job", "counted");

  expect(err).toBe("");
  expect(out).toMatch(/^without faults: [\d,]+ events in "[^"]+"\n5 seeds, [1-9]\d* faults, .*: exactly-once held\n$/);
  expect(exitCode).toBe(0);
});

test("a job with state of its own is found out, with the faults and the command that shows it again", async () => {
  const first = await simulate(numbered, "--seeds", "40", "--job", "forgetful", "--faults", "threads");

  expect(first.exitCode).toBe(1);
  const [, seed] = /^seed (\d+):$/m.exec(first.out) ?? [];
  const [, again = ""] = /again: millrace simulate (.*)/.exec(first.out) ?? [];
  const history = join(folder, "history.txt");
  const second = await simulate(...again.replace("history.txt", history).split(" "));
  const faultsOf = (out: string) =>
    out
      .slice(out.indexOf(`seed ${seed}:`))
      .split("  again:")[0]
      ?.match(/^ {4}\d+\. .*$/gm);
  expect(first.out).toMatch(/^ {2}faults, those that it takes \(\d of \d\):$|^ {2}faults:$/m);
  expect(second.exitCode).toBe(1);
  expect(faultsOf(second.out)).toEqual(faultsOf(first.out));
  expect(readFileSync(history, "utf8")).toMatch(/^\d+\.\d{3} fault: \{.*"kind":"(crash|hang|slow)"/m);

  const same = await simulate(numbered, "--job", "forgetful", "--replay", history);
  writeFileSync(history, readFileSync(history, "utf8").replace(/number\/0 takes \d+/, "number/0 takes 4711"));
  const different = await simulate(numbered, "--job", "forgetful", "--replay", history);
  expect([same.exitCode, same.out]).toEqual([
    0,
    expect.stringMatching(/^the history is the same: \d+ steps, [0-9a-f]{8}, completed\n$/),
  ]);
  expect(different.exitCode).toBe(1);
  expect(different.out).toMatch(
    /^the history differs from step \d+ on:\n( {4}\d.*\n)+ {2}- .*takes 4711.*\n {2}\+ .*takes \d+.*\n$/,
  );
});

test.each<[string, readonly string[], RegExp]>([
  ["a job without a collect sink", ["--job", "silent"], /has no collect sink/],
  ["a choice of faults of many seeds", ["--job", "counted", "--only", "1"], /--only is of the faults of one seed/],
  ["a number of a fault that is none", ["--job", "counted", "--only", "1,two"], /Expected a whole number/],
  ["a history that is not there", ["--job", "counted", "--replay", "nowhere.txt"], /the history cannot be read/],
  ["a file that is no history", ["--job", "counted", "--replay", numbered], /it is no history/],
  [
    "a sink to collect that there is not",
    ["--job", "silent", "--collect", "somewhere"],
    /has no sink named "somewhere"/,
  ],
  ["a history of many seeds", ["--job", "counted", "--history", "h.txt"], /--history is of one seed/],
  ["a kind of faults that there is not", ["--job", "counted", "--faults", "rain"], /Expected chaos, or some of errors/],
  ["no threads", ["--job", "counted", "--threads", "0"], /Expected a whole number from 1 to 64/],
  ["a budget that is no duration", ["--job", "counted", "--time-budget", "soon"], /Expected a duration/],
])("%s is refused", async (_what, given, message) => {
  const { err, exitCode } = await simulate(numbered, ...given);

  expect(err).toMatch(message);
  expect(exitCode).toBe(2);
});

test("a sink that writes is made to collect instead", async () => {
  const { out, exitCode } = await simulate(numbered, "--seeds", "3", "--job", "silent", "--collect", "nowhere");

  expect(out).toMatch(/^without faults: 3,000 events in "nowhere"\n3 seeds, .*: exactly-once held\n$/);
  expect(exitCode).toBe(0);
});

test("a job that fails when nothing goes wrong is refused with its error", async () => {
  const { err, exitCode } = await simulate(numbered, "--job", "failing");

  expect(err).toMatch(/ERR_JOB_FAILED.*seven/s);
  expect(exitCode).toBe(2);
});
