/** What every source has to stand, whatever it reads. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import type { SourceSpec } from "../source.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { csv } from "./csv.ts";
import { defineSource } from "./define-source.ts";
import { fromIterable } from "./from-iterable.ts";
import { generate } from "./generate.ts";
import { parquet } from "./parquet.ts";
import { ndjson, textLines } from "./text-lines.ts";
import { textLinesIn } from "./text-lines-in.ts";

const lineCount = 3_000;
const lines = Array.from({ length: lineCount }, (_, index) => `line ${index} ${"ü".repeat(index % 40)}`);
const flights = join(import.meta.dirname, "../../node_modules/vega-datasets/data/flights-3m.parquet");
const groupRows = 272_727;
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-sources-"));
  const text = `${lines.join("\r\n")}\r\n`;
  await writeFile(join(directory, "lines.txt"), text);
  await writeFile(join(directory, "lines.txt.gz"), gzipSync(text));
  await writeFile(
    join(directory, "lines.ndjson"),
    lines.map((line, id) => `${JSON.stringify({ id, line })}\n`).join(""),
  );
  const table = `id,line\n${records.map(({ id, line }) => `${id},"${line}"\n`).join("")}`;
  await writeFile(join(directory, "lines.csv"), table);
  await writeFile(join(directory, "lines.csv.gz"), gzipSync(table));
  await mkdir(join(directory, "folder"));
  for (const [index, encode] of [Buffer.from, gzipSync, Buffer.from].entries()) {
    const share = lines.slice(index * 1_000, (index + 1) * 1_000).join("\n");
    await writeFile(join(directory, "folder", `${index}`), encode(share));
  }
});

afterAll(() => rm(directory, { recursive: true, force: true }));

interface Case {
  readonly name: string;
  readonly spec: () => SourceSpec<unknown>;
  readonly expected: readonly unknown[];
}

const objects = lines.map((line, id) => ({ id, line }));
/** A line break in every seventh. */
const records = lines.map((line, id) => ({ id: `${id}`, line: id % 7 === 0 ? `${line}\n` : line }));

async function* slowly() {
  for (const line of lines) {
    if (line.endsWith("0 ")) await Promise.resolve();
    yield line;
  }
}

/** A source as an author may write it. */
const ownLines = defineSource<string>({
  kind: "own",
  bounded: true,
  replayable: true,
  create: () => {
    const lineAt = { next: 0, step: 1 };
    return {
      open: ({ instance, parallelism }, position) => {
        lineAt.next = (position as number | undefined) ?? instance;
        lineAt.step = parallelism;
      },
      poll: (output, eventCountMax) => {
        for (let left = eventCountMax; left > 0 && lineAt.next < lines.length; left -= 1) {
          output.emit(lines[lineAt.next] as string);
          lineAt.next += lineAt.step;
        }
        return lineAt.next < lines.length ? "more" : "end";
      },
      position: () => lineAt.next,
      progress: () => ({ done: lineAt.next, total: lines.length, unit: "events" }),
    };
  },
});

const cases: readonly Case[] = [
  { name: "fromIterable of an array", spec: () => fromIterable(lines), expected: lines },
  { name: "fromIterable of a function", spec: () => fromIterable(() => lines.values()), expected: lines },
  { name: "fromIterable of an async generator", spec: () => fromIterable(slowly), expected: lines },
  {
    name: "generate",
    spec: () => generate({ count: lineCount, from: (index) => lines[index] }),
    expected: lines,
  },
  { name: "textLines", spec: () => textLines(join(directory, "lines.txt")), expected: lines },
  { name: "textLines of a gzip file", spec: () => textLines(join(directory, "lines.txt.gz")), expected: lines },
  { name: "ndjson", spec: () => ndjson(join(directory, "lines.ndjson")), expected: objects },
  { name: "csv", spec: () => csv(join(directory, "lines.csv")), expected: records },
  { name: "csv of a gzip file", spec: () => csv(join(directory, "lines.csv.gz")), expected: records },
  { name: "textLinesIn", spec: () => textLinesIn(join(directory, "folder")), expected: lines },
  { name: "defineSource", spec: () => ownLines, expected: lines },
];

describe.each(cases)("$name", ({ spec, expected }) => {
  const clock = new SystemClock();

  test("says what it is", () => {
    expect(spec()).toMatchObject({ kind: expect.stringMatching(/^[a-z]+$/), bounded: true, replayable: true });
  });

  test.each([1, 7, 1_000_000])("emits everything in order when polled for %i at a time", async (eventCountMax) => {
    const { events, context } = await SourceHarness.readAll(spec(), { clock, eventCountMax });

    expect(events).toEqual(expected);
    expect(context.deadLetters).toEqual([]);
  });

  test("keeps saying that it has ended", async () => {
    const harness = await SourceHarness.open(spec(), { clock });
    await harness.toEnd();

    expect([harness.poll(), harness.poll()]).toEqual(["end", "end"]);
    expect(harness.events).toHaveLength(expected.length);
    await harness.close();
  });

  test.each([0, 1, 2, 1_024, lineCount - 1, lineCount])("at position %i, reads exactly the rest", async (count) => {
    const first = await SourceHarness.open(spec(), { clock });
    await first.toCount(count);
    const position = first.position();
    await first.close();

    const second = await SourceHarness.readAll(spec(), { clock, position });

    expect(first.events).toEqual(expected.slice(0, count));
    expect(second.events).toEqual(expected.slice(count));
  });

  test("stopped at any events, one time after the other, goes on exactly", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(lineCount / 2), { maxLength: 6 }), fc.nat(300), async (counts, most) => {
        const events: unknown[] = [];
        let position: unknown;
        for (const count of counts) {
          const harness = await SourceHarness.open(spec(), { clock, position });
          await harness.toCount(count, most + 1);
          position = harness.position();
          events.push(...harness.events);
          await harness.close();
        }
        const rest = await SourceHarness.readAll(spec(), { clock, position });
        expect([...events, ...rest.events]).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  test("closes in the middle, and wakes nobody afterwards", async () => {
    const harness = await SourceHarness.open(spec(), { clock });
    await harness.toCount(10, 10);
    harness.poll(10);

    await harness.close();
    harness.context.takeWake();
    await new Promise<void>((resolve) => clock.soon(() => clock.soon(resolve)));

    expect(harness.context.takeWake()).toBe(false);
    expect(harness.context.failures).toEqual([]);
  });

  test("closes before its first poll", async () => {
    const harness = await SourceHarness.open(spec(), { clock });

    await harness.close();

    expect(harness.events).toEqual([]);
  });

  test("reports progress that grows to its total", async () => {
    const harness = await SourceHarness.open(spec(), { clock });
    const before = harness.progress()!;
    await harness.toEnd();
    const after = harness.progress()!;
    await harness.close();

    expect(before.done).toBeLessThan(after.done);
    expect(after.done).toBe(after.total);
  });
});

describe.each(cases.filter(({ name }) => !/gzip|csv/.test(name)))("$name, shared", ({ spec, expected }) => {
  test.each([2, 3, 7])("by %i instances, is emitted once, each share in order", async (parallelism) => {
    const clock = new SystemClock();
    const order = new Map(expected.map((event, index) => [JSON.stringify(event), index]));
    const indices: number[] = [];

    for (let instance = 0; instance < parallelism; instance += 1) {
      const { events } = await SourceHarness.readAll(spec(), { clock, instance, parallelism });
      const share = events.map((event) => order.get(JSON.stringify(event))!);
      expect(share).toEqual(share.toSorted((a, b) => a - b));
      indices.push(...share);
    }

    expect(indices.toSorted((a, b) => a - b)).toEqual(expected.map((_, index) => index));
  });
});

describe("parquet", () => {
  const clock = new SystemClock();

  test("reads 3,000,000 rows, and goes on exactly at a position within a row group", async () => {
    const spec = parquet<{ delay: number; distance: number }>(flights, { columns: ["delay", "distance"] });
    const count = groupRows + 100_001;
    const first = await SourceHarness.open(spec, { clock });
    await first.toCount(count);
    const position = first.position();
    const progress = first.progress()!;
    await first.close();

    const second = await SourceHarness.readAll(spec, { clock, position });

    expect(progress).toEqual({ done: count, total: 3_000_000, unit: "rows" });
    expect(first.events).toHaveLength(count);
    expect(first.events.length + second.events.length).toBe(3_000_000);
    const all = [first.events, second.events].flat();
    expect(all.reduce((sum, { delay }) => sum + delay, 0)).toBe(20_003_603);
    expect(second.events[0]).toEqual({ delay: expect.any(Number), distance: expect.any(Number) });
  });

  test("gives each instance its row groups", async () => {
    const spec = parquet<{ date: number }>(flights, { columns: ["date"] });
    let rowCount = 0;

    for (const instance of [0, 5]) {
      const harness = await SourceHarness.open(spec, { clock, instance, parallelism: 6 });
      await harness.toEnd();
      expect(harness.progress()!.done).toBe(harness.progress()!.total);
      rowCount += harness.events.length;
      await harness.close();
    }

    // Groups 0, 6 and 5, of 11.
    expect(rowCount).toBe(3 * groupRows);
  });
});
