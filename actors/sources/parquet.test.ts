import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { SourceHarness } from "../testing/source-harness.ts";
import { parquetSamples } from "./fixtures/parquet-samples.ts";
import { type ParquetOptions, parquet } from "./parquet.ts";

const clock = new SystemClock();
let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-parquet-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function file(bytes: Uint8Array, name = "sample.parquet"): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

/** What hyparquet by itself makes of a file; undefined, as which it knows missing nested values, as null. */
async function reference(bytes: Uint8Array): Promise<object[]> {
  const rows = await parquetReadObjects({
    file: { byteLength: bytes.length, slice: (start, end) => new Uint8Array(bytes).buffer.slice(start, end) },
    compressors: { GZIP: (input) => gunzipSync(input), BROTLI: (input) => brotliDecompressSync(input) },
  });
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null])));
}

const raw: ParquetOptions = { int64: "bigint", timestamps: "date" };

describe.each(["gzipDictionaries", "brotliPages"] as const)("a file with %s", (name) => {
  const bytes = parquetSamples[name];

  test("has the rows that hyparquet finds in it: flat and nested, present and missing", async () => {
    const { events } = await SourceHarness.readAll(parquet(await file(bytes), raw), { clock });

    expect(events).toHaveLength(30);
    expect(events).toStrictEqual(await reference(bytes));
  });

  test("has numbers unless told otherwise", async () => {
    const { events } = await SourceHarness.readAll(parquet(await file(bytes)), { clock });

    const day = Date.parse("2024-01-01T00:00:00Z");
    expect(events.slice(2, 4)).toEqual([
      {
        id: 2,
        name: "ü",
        speed: 3,
        ok: true,
        day: day + 2 * 86_400_000,
        at: day + 2_000,
        none: null,
        tags: expect.anything(),
        place: expect.anything(),
      },
      { id: 3, name: null, speed: null, ok: null, day: null, at: null, none: null, tags: null, place: null },
    ]);
  });

  test("is read from any position on", async () => {
    const spec = parquet(await file(bytes), raw);
    const rows = await reference(bytes);
    for (const count of [0, 1, 19, 20, 21, 29, 30]) {
      const first = await SourceHarness.open(spec, { clock });
      await first.toCount(count, 7);
      const rest = await SourceHarness.readAll(spec, { clock, position: first.position() });
      await first.close();
      expect(rest.events).toStrictEqual(rows.slice(count));
    }
  });

  test("with any byte flipped gives an error with a code, or rows; it never hangs or fails in another way", async () => {
    const flat = ["id", "name", "speed", "ok", "day", "at", "none"];
    const codes = new Set<unknown>();
    for (let at = 4; at < bytes.length; at += 37) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = damaged[at]! ^ 0xff;
      const path = await file(damaged, "damaged.parquet");
      const failure = await SourceHarness.readAll(parquet(path, { columns: flat }), { clock }).then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
      if (failure !== undefined) codes.add(failure);
      else codes.add("rows");
    }
    expect(
      [...codes].filter(
        (code) => !["ERR_ACT_INPUT_DAMAGED", "ERR_ACT_INPUT_UNREADABLE", "rows"].includes(code as string),
      ),
    ).toEqual([]);
    expect(codes).toContain("ERR_ACT_INPUT_DAMAGED");
  });
});

test("an integer too large for a number fails with its column, or is a bigint when told so", async () => {
  const path = await file(parquetSamples.largeInteger);

  await expect(SourceHarness.readAll(parquet(path), { clock })).rejects.toMatchObject({
    code: "ERR_ACT_INPUT_DAMAGED",
    message: expect.stringMatching(/column "n" holds 1152921504606846976.*int64: "bigint"/),
  });
  expect((await SourceHarness.readAll(parquet(path, raw), { clock })).events).toEqual([{ n: 1n }, { n: 2n ** 60n }]);
});

test.each([
  ["columns", { columns: [] }],
  ["columns", { columns: "delay" as unknown as string[] }],
  ["int64", { int64: "float" as "number" }],
  ["timestamps", { timestamps: "iso" as "ms" }],
])("refuses %s that is not allowed, naming it", (name, options) => {
  const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`parquet: ${name}`) };
  expect(() => parquet("a.parquet", options)).toThrow(expect.objectContaining(expected));
});
