/** What is stored of a job, as the command line shows it. */

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeDelta, type StateEntry } from "../../actors/index.ts";
import { SystemClock, VirtualClock } from "../../runtime/index.ts";
import { AnsweredSavepoints } from "../store/answered-savepoints.ts";
import { commit, standing, TestStorage } from "../store/fixtures/test-storage.ts";
import type { OpenedStorage } from "../store/open-storage.ts";
import { SavepointError } from "../store/savepoint-error.ts";
import { runProgram } from "./program.ts";

let storage: TestStorage;
let folder: string;
let opened: OpenedStorage;

beforeEach(async () => {
  storage = new TestStorage();
  folder = join(storage.folder, "data");
  opened = storage.open(folder, { copies: { keep: 3, intervalMs: 1_000 }, nowMs: 0 });
  write(1, { ulm: 1, bonn: 1 });
  opened.copies.committed(1_000);
  await opened.copies.settle();
  write(2, { ulm: 2, rome: 7, bonn: undefined });
});

afterEach(() => storage.remove());

/** A checkpoint of counts by key; a key without one is removed. */
function write(epoch: number, counts: Readonly<Record<string, number | undefined>>): void {
  const entries = Object.entries(counts).map(
    ([key, count]): StateEntry => [
      "fold",
      key,
      count !== undefined,
      count === undefined ? undefined : [count, count === 7 ? 1_000 : undefined],
      { kind: "count", version: 1, owner: "key" },
    ],
  );
  const bytes = encodeDelta("count", entries);
  const change = { operator: "count", instance: 1, bytes: new Uint8Array(bytes) };
  commit(opened, epoch, standing(`behind ${epoch}`), { state: [change] });
}

/** Runs a command at a time of 62 s; the checkpoints are of 2 s. */
const millrace = (...given: string[]) => millraceWhile(() => undefined, ...given);

/** The same, for a command that waits: `look` is called each time before it looks again. */
async function millraceWhile(look: () => unknown, ...given: string[]) {
  const texts = { out: "", err: "" };
  const into = (name: "out" | "err") => ({
    write(text: string) {
      texts[name] += text;
    },
  });
  const clock = new VirtualClock(62_000);
  let hasEnded = false;
  const running = runProgram(
    [...given, "--storage", folder],
    {
      stdout: into("out"),
      stderr: into("err"),
      clock,
      onSignal: () => () => undefined,
      startSystem,
      supervise: startSystem,
    },
    1,
  );
  void running.finally(() => {
    hasEnded = true;
  });
  const real = new SystemClock();
  while (!hasEnded) {
    await look();
    clock.advance(50);
    await new Promise<void>((done) => real.soon(done));
  }
  const exitCode = await running;
  return { ...texts, exitCode, lines: texts.out.trimEnd().split("\n") };
}

describe("while a run uses the storage", () => {
  test("checkpoints list shows epoch, age, copies and the run", async () => {
    const { lines, exitCode } = await millrace("checkpoints", "list");

    expect(exitCode).toBe(0);
    expect(lines[0]).toMatch(/^job +epoch +age +size +copies +used by$/);
    expect(lines[1]).toMatch(new RegExp(`^totals +2 +1m 0s +[0-9.]+ kB +1 +process ${process.pid} on .*, for 1m 2s$`));
  });

  test("checkpoints show counts keys and bytes by operator, of a copy as well", async () => {
    const { out } = await millrace("checkpoints", "show", "totals");
    const copy = await millrace("checkpoints", "show", "totals", "--epoch", "1", "--json");

    expect(out).toMatch(/job totals: checkpoint of epoch 2, 1m 0s old/);
    expect(out).toMatch(/\ncopies: epoch 1 \(\d/);
    expect(out).toMatch(/\ncount +count +2 +2 +\d+ B$/m);
    expect(JSON.parse(copy.out)).toMatchObject({
      job: "totals",
      epoch: 1,
      operators: [{}, { name: "count", keys: 2 }],
    });
  });

  test("state get shows all keys, or one, of the last checkpoint or of a copy", async () => {
    const all = await millrace("state", "get", "totals", "count");
    const one = await millrace("state", "get", "totals", "count", "rome", "--json");
    const before = await millrace("state", "get", "totals", "count", "bonn", "--epoch", "1");

    expect(all.lines).toEqual([
      "count of job totals, epoch 2: 2 of 2 keys",
      "state  kind   key     instance  time                      value",
      'count  count  "ulm"   1                                   2',
      'count  count  "rome"  1         1970-01-01T00:00:01.000Z  7',
    ]);
    expect(JSON.parse(one.out)).toEqual({
      job: "totals",
      operator: "count",
      epoch: 2,
      keyCount: 1,
      entries: [{ instance: 1, state: "count", kind: "count", key: "rome", value: 7, timeMs: 1_000 }],
    });
    expect(before.lines[2]).toBe('count  count  "bonn"  1         1');
  });

  test("state get says how many keys it left out, and ends with 1 for a key that is not there", async () => {
    expect((await millrace("state", "get", "totals", "count", "--limit", "1")).lines.at(-1)).toBe(
      "... and 1 more: --limit shows more",
    );
    expect(await millrace("state", "get", "totals", "count", "bonn")).toMatchObject({
      exitCode: 1,
      out: "count of job totals, epoch 2: 0 of 2 keys\n",
    });
  });

  test("checkpoints diff says which keys were added, removed and changed", async () => {
    const { lines } = await millrace("checkpoints", "diff", "totals", "1", "--keys");

    expect(lines).toEqual([
      "job totals: from the checkpoint of epoch 1 to that of epoch 2",
      "operator  added  removed  changed",
      "count     1      1        1",
      "",
      "change   operator  state  key     before  after",
      'changed  count     count  "ulm"   1       2',
      'added    count     count  "rome"          7',
      'removed  count     count  "bonn"  1',
    ]);
    expect((await millrace("checkpoints", "diff", "totals", "1", "1")).lines[1]).toBe("no key of any state differs");
  });

  test("savepoints take has one taken by the run, and savepoints list shows it", async () => {
    const answering = new AnsweredSavepoints(opened.requests);
    answering.answerBy((name) => opened.savepoints.take(name));
    const see = () => answering.see(opened.requests.list());

    const taken = await millraceWhile(see, "savepoints", "take", "totals", "before-v2", "--json");
    const again = await millraceWhile(see, "savepoints", "take", "totals", "before-v2");

    const path = join(folder, "totals.savepoints", "before-v2.sqlite");
    expect(taken).toMatchObject({ exitCode: 0, err: "" });
    expect(JSON.parse(taken.out)).toEqual({ job: "totals", savepoint: "before-v2", epoch: 2, path });
    expect(again).toMatchObject({ exitCode: 2, err: expect.stringMatching(/ERR_JOB_SAVEPOINT_TAKEN/) });
    expect((await millrace("savepoints", "list", "totals")).lines[1]).toMatch(/^before-v2 +2 .*before-v2\.sqlite$/);
    expect(readdirSync(join(folder, "totals.savepoints"))).toEqual(["before-v2.sqlite"]);
  });

  test("savepoints take ends with what the run refuses it by, or when it does not answer in time", async () => {
    const answering = new AnsweredSavepoints(opened.requests);
    answering.answerBy(async () => {
      throw new SavepointError("the run ended before a checkpoint for the savepoint was complete");
    });

    const refused = await millraceWhile(
      () => answering.see(opened.requests.list()),
      "savepoints",
      "take",
      "totals",
      "a",
    );
    const unanswered = await millrace("savepoints", "take", "totals", "b", "--timeout", "3s");

    expect(refused).toMatchObject({ exitCode: 2, err: expect.stringMatching(/ERR_JOB_SAVEPOINT: the run ended/) });
    expect(unanswered).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/ERR_JOB_SAVEPOINT: .*within 3000 ms/),
    });
    expect(readdirSync(join(folder, "totals.savepoints"))).toEqual([]);
  });

  test("nothing is restored or deleted", async () => {
    for (const command of [
      ["restore", "totals", "1"],
      ["delete", "totals", "--yes"],
    ]) {
      expect(await millrace("checkpoints", ...command)).toMatchObject({
        exitCode: 2,
        err: expect.stringMatching(/^error ERR_JOB_STORAGE_LOCKED: .*used by process/),
      });
    }
    expect((await millrace("checkpoints", "verify")).exitCode).toBe(0);
  });
});

describe("after the run", () => {
  beforeEach(() => storage.close(opened));

  test("checkpoints restore goes back to a copy, under a higher epoch", async () => {
    const { out, exitCode } = await millrace("checkpoints", "restore", "totals", "1");

    expect([exitCode, out]).toEqual([
      0,
      expect.stringMatching(/from the checkpoint of epoch 1, which is epoch 1000002/),
    ]);
    expect(storage.open(folder).found).toMatchObject({ epoch: 1_000_002, contents: { state: [{ number: 1 }] } });
    expect((await millrace("checkpoints", "list")).lines[1]).toMatch(/^totals +1000002 /);
  });

  test("checkpoints restore mends what is damaged, and verify tells of it before", async () => {
    writeFileSync(join(folder, "totals.sqlite"), "noise");

    const before = await millrace("checkpoints", "verify", "totals");
    const shown = await millrace("checkpoints", "show", "totals");
    await millrace("checkpoints", "restore", "totals", "1");
    const after = await millrace("checkpoints", "verify", "totals");

    expect([before.exitCode, shown.exitCode, after.exitCode]).toEqual([1, 1, 0]);
    expect(before.lines.slice(1)).toEqual([
      expect.stringMatching(/^totals +damaged +.*totals\.sqlite$/),
      expect.stringMatching(/^totals +1 +good +.*epoch-1\.sqlite$/),
      expect.stringMatching(/totals\.sqlite is damaged: file is not a database/),
    ]);
    expect(shown.err).toMatch(/^error ERR_JOB_STORAGE_DAMAGED/);
  });

  test("checkpoints delete says what it would delete, and does when told to", async () => {
    const asked = await millrace("checkpoints", "delete", "totals");
    expect([asked.exitCode, asked.err]).toEqual([2, expect.stringMatching(/nothing was deleted.*\n.*totals\.copies/)]);
    expect(existsSync(join(folder, "totals.sqlite"))).toBe(true);

    expect((await millrace("checkpoints", "delete", "totals", "--yes")).exitCode).toBe(0);

    expect((await millrace("checkpoints", "list")).out).toMatch(/^no checkpoints in /);
    expect(storage.open(folder).found.epoch).toBe(0);
  });

  test("checkpoints delete --savepoint deletes that savepoint, and nothing else", async () => {
    mkdirSync(join(folder, "totals.savepoints"));
    for (const name of ["one", "two"]) writeFileSync(join(folder, "totals.savepoints", `${name}.sqlite`), "");
    const savepoint = ["checkpoints", "delete", "totals", "--savepoint", "one"];
    const asked = await millrace(...savepoint);
    expect([asked.exitCode, asked.err]).toEqual([2, expect.stringMatching(/nothing was deleted.*\n.*one\.sqlite/)]);

    expect(await millrace(...savepoint, "--yes")).toMatchObject({
      exitCode: 0,
      out: "deleted the savepoint one of job totals\n",
    });

    expect(readdirSync(join(folder, "totals.savepoints"))).toEqual(["two.sqlite"]);
    expect((await millrace("checkpoints", "verify", "totals")).exitCode).toBe(0);
    expect(await millrace(...savepoint, "--yes")).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/ERR_JOB_SAVEPOINT_UNKNOWN.*there are "two"/),
    });
  });

  test.each<readonly [string, readonly string[], RegExp]>([
    [
      "a job that is not there",
      ["checkpoints", "show", "other"],
      /no checkpoints of a job "other"; it holds those of totals/,
    ],
    [
      "an epoch that is not there",
      ["checkpoints", "show", "totals", "--epoch", "7"],
      /epoch 7 .*; there are those of 2, 1/,
    ],
    [
      "a copy that is not there",
      ["checkpoints", "restore", "totals", "7"],
      /no copy .* epoch 7 .*; there are those of 1/,
    ],
    ["an operator that is not there", ["state", "get", "totals", "sum"], /no operator "sum"; it has numbers, count/],
    ["a savepoint while no run is there", ["savepoints", "take", "totals", "a"], /ERR_JOB_SAVEPOINT: .*no run uses/],
    ["a savepoint under no name", ["savepoints", "take", "totals", "../a"], /ERR_RT_OPTION/],
    [
      "a savepoint within no time",
      ["savepoints", "take", "totals", "a", "--timeout", "soon"],
      /ERR_RT_OPTION.*timeout/,
    ],
    ["a name that is a path", ["checkpoints", "show", "../totals"], /ERR_RT_OPTION/],
    [
      "an epoch that is no number",
      ["checkpoints", "diff", "totals", "last"],
      /ERR_JOB_USAGE.*Expected a whole number/s,
    ],
  ])("%s is bad input", async (_, given, message) => {
    expect(await millrace(...given)).toMatchObject({ exitCode: 2, out: "", err: expect.stringMatching(message) });
  });
});

function startSystem(): never {
  throw new Error("these commands start nothing");
}
