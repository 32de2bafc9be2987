/** Sources that read files: what bad files do to them, and how far they read ahead. */

import { chmod, copyFile, mkdir, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import type { SourceSpec } from "../source.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { csv } from "./csv.ts";
import { parquet } from "./parquet.ts";
import { ndjson, textLines } from "./text-lines.ts";
import { textLinesIn } from "./text-lines-in.ts";

const clock = new SystemClock();
const flights = join(import.meta.dirname, "../../node_modules/vega-datasets/data/flights-3m.parquet");
let directory = "";
let fileCount = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-files-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function file(content: string | Buffer, name = `file-${fileCount++}`): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

const readAll = (spec: SourceSpec<unknown>, options = {}) => SourceHarness.readAll(spec, { clock, ...options });

describe.each([
  ["textLines", (path: string) => textLines(path)],
  ["ndjson", (path: string) => ndjson(path)],
  ["csv", (path: string) => csv(path)],
  ["parquet", (path: string) => parquet(path)],
  ["textLinesIn", (path: string) => textLinesIn(path)],
] satisfies [string, (path: string) => SourceSpec<unknown>][])("%s", (name, source) => {
  test("a missing file is named", async () => {
    await expect(SourceHarness.open(source("/no/such/file"))).rejects.toMatchObject({
      code: "ERR_ACT_INPUT_UNREADABLE",
      message: expect.stringContaining("/no/such/file"),
    });
  });

  test("the wrong kind of thing is refused", async () => {
    const path = name === "textLinesIn" ? await file("x") : directory;
    await expect(SourceHarness.open(source(path))).rejects.toMatchObject({ code: "ERR_ACT_INPUT_UNREADABLE" });
  });

  test("a position of another source is refused", async () => {
    const path = name === "parquet" ? flights : name === "textLinesIn" ? directory : await file("a\n");
    await expect(SourceHarness.open(source(path), { position: "middle" })).rejects.toMatchObject({
      code: "ERR_ACT_POSITION_LOST",
    });
  });

  test.each(["", "a\0b", 7 as unknown as string])("no path: %j is refused at the call", (path) => {
    expect(() => source(path)).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION" }));
  });
});

describe("textLines", () => {
  test.runIf(process.getuid?.() !== 0)("a file that may not be read is named", async () => {
    const path = await file("a\n");
    await chmod(path, 0);
    await expect(SourceHarness.open(textLines(path))).rejects.toMatchObject({ code: "ERR_ACT_INPUT_UNREADABLE" });
  });

  test.each([1, 3])("an empty file has no lines (parallelism %i)", async (parallelism) => {
    expect((await readAll(textLines(await file("")), { parallelism, instance: parallelism - 1 })).events).toEqual([]);
  });

  test("a truncated gzip file fails after the lines that are whole", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${Math.sin(index)}`);
    const bytes = gzipSync(lines.join("\n"));
    const harness = await SourceHarness.open(textLines(await file(bytes.subarray(0, bytes.length - 100))));

    await expect(harness.toEnd()).rejects.toMatchObject({ code: "ERR_ACT_INPUT_DAMAGED" });

    expect(harness.events.length).toBeGreaterThan(1_000);
    expect(harness.events).toEqual(lines.slice(0, harness.events.length));
    await harness.close();
  });

  test("a file that says .gz and is not fails at once", async () => {
    const path = await file("plain\n", "plain.gz");
    await expect(SourceHarness.open(textLines(path))).rejects.toMatchObject({ code: "ERR_ACT_INPUT_DAMAGED" });
  });

  test("a gzip file is not shared by instances", async () => {
    const path = await file(gzipSync("a\nb\n"));
    await expect(SourceHarness.open(textLines(path), { parallelism: 2 })).rejects.toMatchObject({
      code: "ERR_ACT_PARALLELISM",
    });
  });

  test.each([
    ["plain", (text: string) => Buffer.from(text)],
    ["gzip", gzipSync],
  ])("a %s file that has shrunk below the position fails, and is not read from elsewhere", async (_kind, encode) => {
    const path = await file(encode("a\nb\nc\nd\n"));
    const first = await SourceHarness.open(textLines(path));
    await first.toCount(3, 1);
    const position = first.position();
    await first.close();
    await writeFile(path, encode("a\n"));

    await expect(readAll(textLines(path), { position })).rejects.toMatchObject({ code: "ERR_ACT_POSITION_LOST" });
  });

  test("a line that is too long becomes a dead letter with its place, its neighbours events", async () => {
    const path = await file(`a\n${"b".repeat(50_000)}\nc\n`);

    const { events, context } = await readAll(textLines(path, { lineBytesMax: 1_000 }));

    expect(events).toEqual(["a", "c"]);
    expect(context.deadLetters).toEqual([
      { value: "b".repeat(256), error: expect.objectContaining({ code: "ERR_ACT_LINE_TOO_LONG" }) },
    ]);
    expect(String(context.deadLetters[0]!.error)).toContain("line 2");
  });

  test("a line that spans the border of parts, or whole parts, is read once", async () => {
    const lines = ["short", "x".repeat(100), "", "y", "z".repeat(300), "end"];
    for (const parallelism of [2, 5, 50, 500]) {
      const path = await file(lines.join("\n"));
      const events: unknown[] = [];
      for (let instance = 0; instance < parallelism; instance += 1) {
        events.push(...(await readAll(textLines(path), { instance, parallelism })).events);
      }
      expect(events).toEqual(lines);
    }
  });

  test("a part of a file, restored before its first line, goes on as it began", async () => {
    const path = await file(`${"x".repeat(100)}\nrest\n`);
    const harness = await SourceHarness.open(textLines(path), { instance: 1, parallelism: 2 });
    const position = harness.position();
    await harness.close();

    const again = await readAll(textLines(path), { instance: 1, parallelism: 2, position });

    expect(position).toMatchObject({ inLine: true });
    expect(again.events).toEqual(["rest"]);
    expect((await readAll(textLines(path), { instance: 0, parallelism: 2 })).events).toEqual(["x".repeat(100)]);
  });

  test("empty lines are skipped when told so", async () => {
    expect((await readAll(textLines(await file("a\n\n\r\nb\n"), { emptyLines: "skip" }))).events).toEqual(["a", "b"]);
  });

  test("reading ahead stops while nobody polls", async () => {
    const path = join(directory, "large");
    const handle = await open(path, "w");
    const line = `${"x".repeat(99)}\n`;
    for (let count = 0; count < 64; count += 1) await handle.write(line.repeat(10_000));
    await handle.close();
    const harness = await SourceHarness.open(textLines(path));
    harness.poll(1);
    await harness.context.woken();
    harness.poll(1);
    // More than enough turns of the event loop to read 64 MB.
    for (let turn = 0; turn < 500; turn += 1) await new Promise<void>((resolve) => clock.soon(resolve));

    expect(harness.progress()!.done).toBeLessThan(3 * 1024 * 1024);

    await harness.toEnd();
    expect(harness.events).toHaveLength(640_000);
    await harness.close();
  });

  test.each([
    ["encoding", { encoding: "utf16" as "utf8" }],
    ["emptyLines", { emptyLines: "drop" as "skip" }],
    ["lineBytesMax", { lineBytesMax: 0 }],
    ["onInvalid", { onInvalid: true as unknown as "fail" }],
  ])("refuses %s that is not allowed, naming it", (name, options) => {
    const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`textLines: ${name}`) };
    expect(() => textLines("a.txt", options)).toThrow(expect.objectContaining(expected));
  });
});

describe("ndjson", () => {
  const text = '{"a":1}\n\nnope\r\n[2]\n{"a":\nnull\n';

  test("a line that is no JSON becomes a dead letter with its line number", async () => {
    const path = await file(text);

    const { events, context } = await readAll(ndjson(path));

    expect(events).toEqual([{ a: 1 }, [2], null]);
    expect(context.deadLetters.map(({ value }) => value)).toEqual(["nope", '{"a":']);
    expect(context.deadLetters.map(({ error }) => String(error))).toEqual([
      expect.stringMatching(/InvalidInputError: invalid input in .*, line 3: /),
      expect.stringMatching(/InvalidInputError: invalid input in .*, line 5: /),
    ]);
  });

  test("fails when told to, and goes on behind the line when polled again", async () => {
    const harness = await SourceHarness.open(ndjson(await file(text), { onInvalid: "fail" }));

    await expect(harness.toEnd()).rejects.toMatchObject({ code: "ERR_ACT_INVALID_INPUT" });
    await expect(harness.toEnd()).rejects.toMatchObject({ code: "ERR_ACT_INVALID_INPUT" });
    await harness.toEnd();

    expect(harness.events).toEqual([{ a: 1 }, [2], null]);
    await harness.close();
  });
});

describe("textLinesIn", () => {
  async function folder(files: Record<string, string | Buffer>): Promise<string> {
    const path = join(directory, `folder-${fileCount++}`);
    await mkdir(join(path, "below"), { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
    return path;
  }
  const files = { "b.log": "3\n4", "a.log": "1\n2\n", "c.log": gzipSync("5\n6\n"), "d.txt": "x\n", "e.log": "" };

  test.each(["*.log", /\.log$/g])("reads the files that match %s in the order of their names", async (pattern) => {
    const { events } = await readAll(textLinesIn(await folder(files), { pattern }));
    expect(events).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  test("reads exactly the rest at any position, whatever comes or goes meanwhile", async () => {
    const path = await folder(files);
    for (const count of [0, 1, 2, 3, 5, 7]) {
      const first = await SourceHarness.open(textLinesIn(path), { clock });
      await first.toCount(count, 1);
      const position = first.position();
      await first.close();
      await writeFile(join(path, `0-new-${count}`), "new\n");

      const rest = await readAll(textLinesIn(path), { position });

      expect([...first.events, ...rest.events].filter((event) => event !== "new")).toEqual([
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "x",
      ]);
      expect(rest.events).not.toContain("new");
      await rm(join(path, `0-new-${count}`));
    }
  });

  test("shares the files among instances", async () => {
    const path = await folder(files);
    const shares = await Promise.all(
      [0, 1].map(async (instance) => (await readAll(textLinesIn(path), { instance, parallelism: 2 })).events),
    );
    expect(shares).toEqual([
      ["1", "2", "5", "6"],
      ["3", "4", "x"],
    ]);
  });

  test("a bad file in the middle fails with its name, after those before it", async () => {
    const path = await folder({ "a.log": "1\n", "b.log": "2\n" });
    const harness = await SourceHarness.open(textLinesIn(path), { clock });
    await rm(join(path, "b.log"));

    await expect(harness.toEnd()).rejects.toMatchObject({
      code: "ERR_ACT_INPUT_UNREADABLE",
      message: expect.stringContaining("b.log"),
    });
    expect(harness.events).toEqual(["1"]);
    await harness.close();
  });

  test("an empty directory ends at once", async () => {
    expect((await readAll(textLinesIn(await folder({})))).events).toEqual([]);
  });
});

describe("parquet", () => {
  test("a file that is none is damaged", async () => {
    await expect(SourceHarness.open(parquet(await file("x".repeat(100))))).rejects.toMatchObject({
      code: "ERR_ACT_INPUT_DAMAGED",
    });
  });

  test("an unknown column is named with those there are", async () => {
    await expect(SourceHarness.open(parquet(flights, { columns: ["delay", "speed"] }))).rejects.toMatchObject({
      code: "ERR_ACT_INPUT_UNREADABLE",
      message: expect.stringMatching(/"speed".*date, delay, distance, origin, destination/),
    });
  });

  test("a file that is cut while it is read fails", async () => {
    const path = join(directory, "flights.parquet");
    await copyFile(flights, path);
    const harness = await SourceHarness.open(parquet(path, { columns: ["origin"] }), { clock });
    await truncate(path, 100_000);

    await expect(harness.toEnd()).rejects.toMatchObject({
      code: "ERR_ACT_INPUT_DAMAGED",
      message: expect.stringContaining('column "origin"'),
    });
    await harness.close();
  });

  test("integers and timestamps become what was asked for", async () => {
    const first = async (options: object) => {
      const harness = await SourceHarness.open(parquet(flights, { columns: ["date", "delay"], ...options }), { clock });
      await harness.toCount(1);
      await harness.close();
      return harness.events[0];
    };

    expect(await first({})).toEqual({ date: Date.parse("2001-01-01T00:01:00Z"), delay: 33 });
    expect(await first({ int64: "bigint", timestamps: "date" })).toEqual({
      date: new Date("2001-01-01T00:01:00Z"),
      delay: 33n,
    });
  });
});
