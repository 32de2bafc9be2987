import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBufferBytesMax } from "../limits.ts";
import { OperatorDriver } from "../testing/operator-driver.ts";
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
  events: readonly unknown[],
  options: FileLinesSinkOptions<never> = {},
  context = {},
) {
  const driver = await OperatorDriver.open(fileLines(path, options), context);
  driver.give(events);
  await driver.toEnd();
  await driver.close();
  return driver;
}

test("writes a line per event, and all of them before the end", async () => {
  const path = newPath();
  const driver = await OperatorDriver.open(fileLines(path));

  for (let batch = 0; batch < 50; batch += 1)
    driver.give(Array.from({ length: 100 }, (_, index) => ({ batch, index })));
  await driver.toEnd();

  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    Array.from({ length: 5_000 }, (_, index) => ({ batch: Math.floor(index / 100), index: index % 100 })),
  );
  await driver.close();
});

test("takes no input while too much waits to be written", async () => {
  const path = newPath();
  const driver = await OperatorDriver.open(fileLines(path));
  const line = "x".repeat(1_023);

  driver.give(Array.from({ length: 5_000 }, () => line));
  driver.give(Array.from({ length: 5_000 }, () => line));

  expect(driver.logic.ready!()).toBe(false);
  expect(driver.waitingCount).toBeGreaterThan(10_000 - 3 * (writeBufferBytesMax / 1_024));
  await driver.toEnd();
  await driver.close();
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
    message: expect.stringMatching(/"\/no\/such\/folder\/out.txt": there is no such file/),
  });
});

test.runIf(process.platform === "linux")("a device without space is a failure, reported once", async () => {
  const driver = await OperatorDriver.open(fileLines("/dev/full", { append: true }));
  driver.give(["a", "b"]);

  await driver.until(() => driver.context.failures.length > 0);

  expect(driver.context.failures).toEqual([
    {
      error: expect.objectContaining({ code: "ERR_ACT_SINK_WRITE", message: expect.stringContaining("no space left") }),
    },
  ]);
  expect([driver.logic.ready!(), driver.logic.quiet!()]).toEqual([false, false]);
  await driver.close();
});

test("an event that cannot be formatted fails alone: those before it are written", async () => {
  const path = newPath();
  const driver = await OperatorDriver.open(fileLines<number>(path, { format: (event) => event.toFixed(1) }));

  expect(() => driver.give([1, "two"])).toThrow(TypeError);
  await driver.close();

  expect(await readFile(path, "utf8")).toBe("1.0\n");
});

test.each([
  ["path", "", {}],
  ["append", "a", { append: "yes" as unknown as boolean }],
  ["format", "a", { format: 1 as unknown as () => string }],
])("refuses %s that is not allowed, naming it", (name, path, options) => {
  const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`fileLines: ${name}`) };
  expect(() => fileLines(path, options)).toThrow(expect.objectContaining(expected));
});
