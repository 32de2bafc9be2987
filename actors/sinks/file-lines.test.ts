import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBufferBytesMax } from "../limits.ts";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { type FileLinesSinkOptions, fileLines } from "./file-lines.ts";

let directory = "";
let fileCount = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-sink-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const newPath = () => join(directory, `out-${fileCount++}.txt`);

async function write(
  path: string,
  events: readonly string[],
  options: FileLinesSinkOptions<string> = {},
  context = {},
) {
  const harness = await OperatorHarness.open(fileLines(path, options), context);
  harness.feedValues(events);
  await harness.end();
}

test("writes a line per event, and all of them before the end", async () => {
  const path = newPath();
  const harness = await OperatorHarness.open(fileLines(path));

  for (let batch = 0; batch < 50; batch += 1)
    harness.feedValues(Array.from({ length: 100 }, (_, index) => ({ batch, index })));
  await harness.end();

  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    Array.from({ length: 5_000 }, (_, index) => ({ batch: Math.floor(index / 100), index: index % 100 })),
  );
});

test("takes no input while too much waits to be written", async () => {
  const path = newPath();
  const harness = await OperatorHarness.open(fileLines(path));
  const line = "x".repeat(1_023);

  harness.feedValues(Array.from({ length: 5_000 }, () => line));
  harness.feedValues(Array.from({ length: 5_000 }, () => line));

  expect(harness.ready).toBe(false);
  expect(harness.waitingCount).toBeGreaterThan(10_000 - 3 * (writeBufferBytesMax / 1_024));
  await harness.end();
  expect(await readFile(path, "utf8")).toBe(`${line}\n`.repeat(10_000));
});

test("empties the file unless told to append, and never at a restart", async () => {
  const path = newPath();
  await write(path, ["a"]);
  await write(path, ["b"]);
  await write(path, ["c"], { append: true });
  await write(path, ["d"], {}, { incarnation: 1 });

  expect(await readFile(path, "utf8")).toBe("b\nc\nd\n");
});

test("several instances write a file each, or are refused", async () => {
  const path = join(directory, "share-{instance}.txt");
  for (const instance of [0, 1]) await write(path, [`from ${instance}`], {}, { instance, parallelism: 2 });

  expect(await readFile(join(directory, "share-1.txt"), "utf8")).toBe("from 1\n");
  await expect(write(newPath(), [], {}, { parallelism: 2 })).rejects.toMatchObject({ code: "ERR_ACT_PARALLELISM" });
});

test("a file that cannot be opened is named", async () => {
  await expect(write("/no/such/folder/out.txt", [])).rejects.toMatchObject({
    code: "ERR_ACT_SINK_WRITE",
    message: expect.stringMatching(/"\/no\/such\/folder\/out.txt": there is no such directory/),
  });
});

test.runIf(process.platform === "linux")("a device without space is a failure, reported once", async () => {
  const harness = await OperatorHarness.open(fileLines("/dev/full", { append: true }));
  harness.feedValues(["a", "b"]);

  await harness.until(() => harness.failures.length > 0);

  expect(harness.failures).toEqual([
    expect.objectContaining({ code: "ERR_ACT_SINK_WRITE", message: expect.stringContaining("no space left") }),
  ]);
  expect([harness.ready, harness.quiet]).toEqual([false, false]);
  await harness.close();
});

test("an event that cannot be formatted fails alone: the others are written", async () => {
  const path = newPath();
  const harness = await OperatorHarness.open(fileLines<number>(path, { format: (event) => event.toFixed(1) }));

  harness.feedValues([1, "two" as unknown as number, 3]);
  await harness.end();

  expect(harness.deadLetters).toEqual([{ value: "two", error: expect.any(TypeError) }]);
  expect(await readFile(path, "utf8")).toBe("1.0\n3.0\n");
});

test.each([
  ["path", "", {}],
  ["append", "a", { append: "yes" as unknown as boolean }],
  ["format", "a", { format: 1 as unknown as () => string }],
])("refuses %s that is not allowed, naming it", (name, path, options) => {
  const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`fileLines: ${name}`) };
  expect(() => fileLines(path, options)).toThrow(expect.objectContaining(expected));
});

test.each([
  ["whole lines stay", "a\nb\n", "a\nb\nnew\n"],
  ["the beginning of a line is cut off", `a\nb\n${"x".repeat(200_000)}`, "a\nb\nnew\n"],
  ["a file of nothing else is emptied", "torn", "new\n"],
  ["an empty file is there", "", "new\n"],
])("goes on in the file of an earlier run whose job has a storage: %s", async (_, before, after) => {
  const path = newPath();
  await writeFile(path, before);
  const sink = fileLines<string>(path);

  const goingOn = { ...sink, create: () => sink.create("at-most-once", true) };
  const harness = await OperatorHarness.open(goingOn);
  harness.feedValues(["new"]);
  await harness.end();

  expect(await readFile(path, "utf8")).toBe(after);
});
