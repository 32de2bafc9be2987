/** Files that change between two runs: what was appended is read, and a position is found again in the same bytes only. */

import { appendFile, mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { passedHeadBytes } from "../limits.ts";
import type { SourceSpec } from "../source.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { csv } from "./csv.ts";
import { parquetSamples } from "./fixtures/parquet-samples.ts";
import { parquet } from "./parquet.ts";
import { ndjson, textLines } from "./text-lines.ts";
import { textLinesIn } from "./text-lines-in.ts";

const clock = new SystemClock();
let directory = "";
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-positions-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A path of a file in a directory of its own. */
async function newPath(): Promise<string> {
  count += 1;
  await mkdir(join(directory, `${count}`));
  return join(directory, `${count}`, "input");
}

const line = (index: number) => `${index},${"x".repeat(index % 5)}`;
const text = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `${line(from + at)}\n`).join("");
const record = (index: number) => line(index).split(",");

interface Kind {
  readonly name: string;
  readonly spec: (path: string) => SourceSpec<unknown>;
  readonly event: (index: number) => unknown;
  /** The bytes of a piece of text, as they stand in the file. */
  readonly encode: (text: string) => Uint8Array;
}

const plain = (piece: string) => Buffer.from(piece);
const kinds: readonly Kind[] = [
  { name: "textLines", spec: (path) => textLines(path), event: line, encode: plain },
  { name: "textLines of a gzip file", spec: (path) => textLines(path), event: line, encode: gzipSync },
  {
    name: "ndjson",
    spec: (path) => ndjson(path),
    event: (index) => record(index),
    encode: (piece) => plain(piece.replaceAll(/(.*),(.*)\n/g, '["$1","$2"]\n')),
  },
  { name: "csv", spec: (path) => csv(path, { header: false }), event: record, encode: plain },
  { name: "csv of a gzip file", spec: (path) => csv(path, { header: false }), event: record, encode: gzipSync },
  { name: "textLinesIn", spec: (path) => textLinesIn(join(path, "..")), event: line, encode: plain },
  { name: "textLinesIn of a gzip file", spec: (path) => textLinesIn(join(path, "..")), event: line, encode: gzipSync },
];

/** Reads so many events, and says where the source stands then. */
async function readTo(spec: SourceSpec<unknown>, eventCount: number, options = {}): Promise<unknown> {
  const harness = await SourceHarness.open(spec, { clock, ...options });
  await harness.toCount(eventCount);
  const position = harness.position();
  await harness.close();
  return position;
}

const readAll = async (spec: SourceSpec<unknown>, position: unknown) =>
  (await SourceHarness.readAll(spec, { clock, position })).events;

const lost = { code: "ERR_ACT_POSITION_LOST", message: expect.stringContaining(directory) };

describe.each(kinds)("$name", ({ spec, event, encode }) => {
  const events = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => event(from + at));

  test("goes on at any event, and with what was appended again and again", async () => {
    const lengths = fc.array(fc.record({ appended: fc.nat(40), read: fc.nat(50) }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(lengths, async (runs) => {
        const path = await newPath();
        let length = 30;
        await writeFile(path, encode(text(0, length)));
        let position: unknown;
        let readCount = 0;
        for (const { appended, read } of runs) {
          position = await readTo(spec(path), read, { position });
          readCount = Math.min(length, readCount + read);
          await appendFile(path, encode(text(length, length + appended)));
          length += appended;
        }
        expect(await readAll(spec(path), position)).toEqual(events(readCount, length));
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ["was exchanged", text(1_000, 1_100)],
    ["lost its beginning", text(1, 100)],
    ["had a byte changed before the position", text(0, 100).replace("7,xx", "7,xy")],
    ["was put together anew", `${text(50, 100)}${text(0, 50)}`],
  ])("a file that %s is refused, by name", async (_what, now) => {
    const path = await newPath();
    await writeFile(path, encode(text(0, 100)));
    const position = await readTo(spec(path), 50);
    await writeFile(path, encode(`${now}${text(2_000, 2_100)}`));

    await expect(readAll(spec(path), position)).rejects.toMatchObject(lost);
  });

  test.each([
    ["to nothing", 0],
    ["before the position", 0.1],
    ["behind the position", 0.9],
  ])("a file that was cut off %s is refused, by name", async (_what, share) => {
    const path = await newPath();
    const bytes = encode(text(0, 100));
    await writeFile(path, bytes);
    const position = await readTo(spec(path), 50);
    await truncate(path, Math.floor(bytes.length * share));

    await expect(readAll(spec(path), position)).rejects.toMatchObject(lost);
  });

  test("a change behind the position changes nothing for what was read before it", async () => {
    const path = await newPath();
    await writeFile(path, encode(text(0, 100)));
    const position = await readTo(spec(path), 50);
    await writeFile(path, encode(`${text(0, 50)}${text(300, 400)}`));

    expect(await readAll(spec(path), position)).toEqual(events(300, 400));
  });

  test("a last line without a line break gets it, and is not read again", async () => {
    const path = await newPath();
    await writeFile(path, encode(text(0, 3).trimEnd()));
    const position = await readTo(spec(path), 4);

    expect(await readAll(spec(path), position)).toEqual([]);
    await appendFile(path, encode(`\n${text(3, 5)}`));
    expect(await readAll(spec(path), position)).toEqual(events(3, 5));
  });
});

describe.each(kinds.filter(({ name }) => !name.startsWith("ndjson")))("$name", ({ spec, encode }) => {
  test("a last line that was read and then goes on is refused", async () => {
    const path = await newPath();
    await writeFile(path, encode("1,a\n2,b"));
    const position = await readTo(spec(path), 4);
    await appendFile(path, encode("bb\n3,c\n"));

    await expect(readAll(spec(path), position)).rejects.toMatchObject(lost);
  });
});

describe("a file of several instances", () => {
  test("goes on in every part, and what was appended belongs to the last one", async () => {
    const path = await newPath();
    await writeFile(path, text(0, 100));
    const parts = [0, 1, 2].map((instance) => ({ instance, parallelism: 3 }));
    const positions = await Promise.all(parts.map((part) => readTo(textLines(path), 10, part)));
    await appendFile(path, text(100, 120));

    const rest = await Promise.all(
      parts.map((part, index) =>
        SourceHarness.readAll(textLines(path), { clock, ...part, position: positions[index] }),
      ),
    );

    const read = await Promise.all(parts.map((part) => SourceHarness.readAll(textLines(path), { clock, ...part })));
    expect(rest.flatMap(({ events }) => events)).toHaveLength(120 - 30);
    expect(rest[2]?.events.slice(-20)).toEqual(Array.from({ length: 20 }, (_, at) => line(100 + at)));
    expect(read.flatMap(({ events }) => events)).toHaveLength(120);
  });

  test("a line without a line break that reaches over the parts may get it, and may not go on", async () => {
    const path = await newPath();
    await writeFile(path, `a\n${"b".repeat(100)}`);
    const position = await readTo(textLines(path), 3, { instance: 0, parallelism: 3 });

    await appendFile(path, "\nc\n");
    const options = { clock, instance: 0, parallelism: 3, position };
    expect((await SourceHarness.readAll(textLines(path), options)).events).toEqual([]);

    await writeFile(path, `a\n${"b".repeat(120)}`);
    await expect(SourceHarness.readAll(textLines(path), options)).rejects.toMatchObject(lost);
  });
});

describe("a gzip file", () => {
  test("that was still being written is damaged, and goes on when it is whole", async () => {
    const path = await newPath();
    const bytes = gzipSync(text(0, 20_000));
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    const harness = await SourceHarness.open(textLines(path), { clock });
    await expect(harness.toEnd()).rejects.toMatchObject({ code: "ERR_ACT_INPUT_DAMAGED" });
    const position = harness.position();
    await harness.close();

    await writeFile(path, bytes);

    const rest = await readAll(textLines(path), position);
    expect(harness.events.length).toBeGreaterThan(1_000);
    expect([...harness.events, ...rest]).toEqual(Array.from({ length: 20_000 }, (_, index) => line(index)));
  });

  test("that something else was appended to is damaged", async () => {
    const path = await newPath();
    await writeFile(path, gzipSync(text(0, 10)));
    const position = await readTo(textLines(path), 10);
    await appendFile(path, text(10, 20));

    await expect(readAll(textLines(path), position)).rejects.toMatchObject({ code: "ERR_ACT_INPUT_DAMAGED" });
  });
});

describe("a large file", () => {
  test("is known again by its first and its last bytes, whatever lies between", async () => {
    const path = await newPath();
    const filler = `${"y".repeat(1_023)}\n`.repeat(passedHeadBytes / 1_024 + 64);
    await writeFile(path, `${filler}${text(0, 10)}`);
    const eventCount = filler.length / 1_024 + 5;
    const position = await readTo(textLines(path), eventCount);
    const expected = Array.from({ length: 5 }, (_, at) => line(5 + at));
    expect(await readAll(textLines(path), position)).toEqual(expected);

    for (const at of [10, filler.length - 1_000]) {
      await writeFile(path, `${filler.slice(0, at)}z${filler.slice(at + 1)}${text(0, 10)}`);
      await expect(readAll(textLines(path), position)).rejects.toMatchObject(lost);
    }
    await writeFile(path, `${filler.slice(0, 2_048)}${filler}${text(0, 10)}`);
    await expect(readAll(textLines(path), position)).rejects.toMatchObject(lost);
  });
});

describe("parquet", () => {
  test("a file that was written anew is refused, by name", async () => {
    const path = await newPath();
    await writeFile(path, parquetSamples.gzipDictionaries);
    const position = await readTo(parquet(path), 5);
    await writeFile(path, parquetSamples.brotliPages);

    await expect(readAll(parquet(path), position)).rejects.toMatchObject(lost);
  });
});
