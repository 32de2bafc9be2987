import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { StateEntry } from "../epochs/state-delta.ts";
import { OperatorHarness, type OperatorHarnessOptions } from "../testing/operator-harness.ts";
import { fileLines } from "./file-lines.ts";

let directory = "";
let path = "";
let idCount = 0;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-sink-"));
  path = join(directory, "out.txt");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const text = () => readFile(path, "utf8");
const names = async () => (await readdir(directory)).sort();
const quiet = { log: () => undefined };

async function open(options: OperatorHarnessOptions = {}, append = false) {
  const random = { next: () => 0.5, id: () => `id${idCount++}` };
  const sink = fileLines<string>(path, { append });
  const harness = await OperatorHarness.open(sink, { guarantee: "exactly-once", random, logger: quiet, ...options });
  // Also of a process that is taken for dead, whose files would stay open.
  onTestFinished(() => harness.close());
  return harness;
}

/** A checkpoint as it comes back from a store. */
const at = (epoch: number, entries: readonly StateEntry[]): OperatorHarnessOptions => ({ restore: { entries, epoch } });

test("the lines of an epoch appear with its checkpoint, and no pending part stays", async () => {
  const harness = await open();

  harness.feedValues(["a", "b"]);
  await harness.barrier(1);
  expect(await text()).toBe("");
  expect(await names()).toEqual(["out.txt", expect.stringMatching(/^out\.txt\.id\d+\.pending$/)]);
  harness.feedValues(["c"]);
  harness.complete(1);
  await harness.settle();
  expect(await text()).toBe("a\nb\n");

  await harness.barrier(2);
  harness.complete(2);
  await harness.end();
  expect(await text()).toBe("a\nb\nc\n");
  expect(await names()).toEqual(["out.txt"]);
});

test("a process that dies before its checkpoint is complete leaves nothing of the epoch", async () => {
  const dead = await open();
  dead.feedValues(["a"]);
  const entries = await dead.barrier(1);
  dead.complete(1);
  await dead.settle();
  dead.feedValues(["lost"]);
  await dead.barrier(2);
  dead.feedValues(["lost too"]);
  await dead.settle();

  const harness = await open(at(1, entries));
  await harness.settle();

  expect(await text()).toBe("a\n");
  expect(await names()).toEqual(["out.txt"]);
});

test("a process that dies between the checkpoint and the commit is made up for, and so is one that dies half-way", async () => {
  const dead = await open();
  dead.feedValues(["first"]);
  const first = await dead.barrier(1);
  dead.complete(1);
  await dead.settle();
  dead.feedValues(["second"]);
  const second = await dead.barrier(2);
  expect(second).not.toEqual(first);
  await writeFile(path, "first\nsec");

  const harness = await open(at(2, second));
  await harness.settle();

  expect(await text()).toBe("first\nsecond\n");
  expect(await names()).toEqual(["out.txt"]);
});

test("a commit whose confirmation was lost does nothing again, and the file goes on behind it", async () => {
  const dead = await open();
  dead.feedValues(["a"]);
  const entries = await dead.barrier(1);
  dead.complete(1);
  await dead.settle();

  const harness = await open(at(1, entries));
  harness.feedValues(["b"]);
  await harness.barrier(2);
  harness.complete(2);
  await harness.end();

  expect(await text()).toBe("a\nb\n");
});

test.each([
  ["shortened", () => truncate(path, 1), 1],
  ["lengthened", () => writeFile(path, "more\n", { flag: "a" }), 7],
  ["removed", () => rm(path), 0],
])("a file that was %s by somebody else fails the sink, which names it", async (_, change, foundBytes) => {
  const dead = await open();
  dead.feedValues(["a"]);
  const entries = await dead.barrier(1);
  dead.complete(1);
  await dead.settle();
  await change();

  const harness = await open(at(1, entries));
  await harness.until(() => harness.failures.length > 0);

  expect(harness.failures).toEqual([
    expect.objectContaining({
      code: "ERR_ACT_SINK_CHANGED",
      message: expect.stringContaining(`"${path}" was changed by somebody else`),
      details: { path, expectedBytes: 2, foundBytes },
    }),
  ]);
  await harness.close();
});

test("a change while the sink runs is seen at the next commit", async () => {
  const harness = await open();
  harness.feedValues(["a"]);
  await harness.barrier(1);
  harness.complete(1);
  await harness.settle();
  await writeFile(path, "not by the sink\n", { flag: "a" });
  harness.feedValues(["b"]);
  await harness.barrier(2);

  harness.complete(2);
  await harness.until(() => harness.failures.length > 0);

  expect(harness.failures).toMatchObject([{ code: "ERR_ACT_SINK_CHANGED" }]);
  await harness.close();
});

test.each([
  [false, "new\n"],
  [true, "old\nnew\n"],
])("with append %s a job that begins finds the file as it is told to", async (append, expected) => {
  await writeFile(path, "old\n");
  const harness = await open({}, append);
  harness.feedValues(["new"]);
  await harness.barrier(1);
  harness.complete(1);
  await harness.end();

  expect(await text()).toBe(expected);
});

test("what is not part of the file stays when dead parts are removed", async () => {
  const others = ["out.txt.old", "out.txt.a.b.pending", "other.txt.id1.pending", "xout.txt.id1.pending"];
  for (const name of [...others, "out.txt.dead-1_X.pending"]) await writeFile(join(directory, name), "");

  const harness = await open();
  await harness.settle();

  expect(await names()).toEqual([...others, "out.txt"].sort());
  await harness.close();
});

test("a large epoch comes whole and in order", async () => {
  const harness = await open();
  const lines = Array.from({ length: 30_000 }, (_, index) => `${index} ${"x".repeat(100)}`);
  harness.feedValues(lines);
  await harness.barrier(1);
  harness.complete(1);
  await harness.end();

  expect((await text()).trimEnd().split("\n")).toEqual(lines);
});

test.runIf(process.platform === "linux")("a device is refused, by its name", async () => {
  path = "/dev/full";
  await expect(open()).rejects.toMatchObject({ code: "ERR_ACT_SINK_WRITE", details: { target: '"/dev/full"' } });
});

test("a folder that is not there fails the start", async () => {
  path = join(directory, "no/such/out.txt");
  await expect(open()).rejects.toMatchObject({ code: "ERR_ACT_SINK_WRITE" });
});
