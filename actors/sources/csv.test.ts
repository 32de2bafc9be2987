import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse as referenceParse } from "csv-parse/sync";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SourceHarness } from "../testing/source-harness.ts";
import { type CsvOptions, csv } from "./csv.ts";
import { CsvRecord } from "./csv-record.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-csv-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function file(text: string): Promise<string> {
  const path = join(directory, `${Math.abs(text.length * 31 + text.charCodeAt(0))}-${files++}.csv`);
  await writeFile(path, text);
  return path;
}
let files = 0;

async function read(text: string, options: CsvOptions = {}) {
  const harness = await SourceHarness.readAll(csv(await file(text), options));
  const deadLetters = harness.deadLetters.map(({ value, error }) => {
    const { code, details } = error as { code: string; details: { place: string } };
    return [code, details.place, value];
  });
  return { events: harness.events as unknown[], deadLetters };
}

describe("CsvRecord", () => {
  test("finds the fields that csv-parse finds, whatever is quoted", () => {
    const field = fc.string({ unit: fc.constantFrom("a", "ü", ",", '"', "\n", "\r\n", " ", "") });
    const isQuoted = fc.boolean();
    fc.assert(
      fc.property(fc.array(fc.tuple(field, isQuoted), { minLength: 1, maxLength: 5 }), (fields) => {
        const text = fields
          .map(([value, quoted]) => (quoted || /[,"\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value))
          .join(",");
        const record = new CsvRecord(",", '"');
        const found = `${text}\r`.split("\n").map((line) => record.push(line));

        expect(found.at(-1)).toEqual(fields.map(([value]) => value));
        if (text !== "") expect(referenceParse(`${text}\r\n`, { record_delimiter: "\r\n" })).toEqual([found.at(-1)]);
        expect(record.isOpen).toBe(false);
      }),
    );
  });
});

describe("csv", () => {
  test("names fields by the first record", async () => {
    const { events } = await read("\ufeffid,name\r\n1,car\r\n\r\n2,truck");
    expect(events).toEqual([
      { id: "1", name: "car" },
      { id: "2", name: "truck" },
    ]);
  });

  test("names fields as told, or not at all", async () => {
    expect((await read("1;'a;b'\n", { header: ["id", "name"], delimiter: ";", quote: "'" })).events).toEqual([
      { id: "1", name: "a;b" },
    ]);
    expect((await read("1,2\n3\n", { header: false })).events).toEqual([["1", "2"], ["3"]]);
  });

  test("keeps line breaks, delimiters and quotes within quotes", async () => {
    const { events } = await read('a,b\n"1\r\n\n2","x ""y"", z"\n3,4\n');
    expect(events).toEqual([
      { a: "1\r\n\n2", b: 'x "y", z' },
      { a: "3", b: "4" },
    ]);
  });

  test("gives up a bad record only, and says where it stands", async () => {
    const { events, deadLetters } = await read('a,b\n1,2\n3\n4,5"6\n"7"8,9\n"x\ny"z,1\n10,11\n12,13,14\n15,"16\n');

    expect(events).toEqual([
      { a: "1", b: "2" },
      { a: "10", b: "11" },
    ]);
    expect(deadLetters).toEqual([
      ["ERR_ACT_INVALID_INPUT", "line 3", "3"],
      ["ERR_ACT_INVALID_INPUT", "line 4", '4,5"6'],
      ["ERR_ACT_INVALID_INPUT", "line 5", '"7"8,9'],
      ["ERR_ACT_INVALID_INPUT", "line 6", '"x\ny"z,1'],
      ["ERR_ACT_INVALID_INPUT", "line 9", "12,13,14"],
      ["ERR_ACT_INVALID_INPUT", "line 10", '15,"16'],
    ]);
  });

  test.each([
    ['4"', "field 1 holds a quote but does not begin with one"],
    ['1,"2"3', "field 2 goes on behind its closing quote"],
  ])("says what is wrong with the quotes of %s", async (line, message) => {
    const harness = await SourceHarness.open(csv(await file(`a,b\n${line}\n`), { onInvalid: "fail" }));

    await expect(harness.toEnd()).rejects.toMatchObject({ cause: { code: "ERR_ACT_CSV_QUOTE", message } });
    await harness.close();
  });

  test("a quote that is never closed costs lineBytesMax and no more", async () => {
    const rows = Array.from({ length: 100 }, (_, index) => `${index},x`);
    const { events, deadLetters } = await read(`a,b\n"0,x\n${rows.join("\n")}\n`, { lineBytesMax: 50 });

    expect(deadLetters).toEqual([["ERR_ACT_LINE_TOO_LONG", "line 2", expect.stringContaining('"0,x\n0,x\n1,x')]]);
    expect(events.length).toBeGreaterThan(85);
    expect(events.at(-1)).toEqual({ a: "99", b: "x" });
  });

  test("fails on a bad record, when told to, and goes on behind it", async () => {
    const harness = await SourceHarness.open(csv(await file("a\n1\n2,3\n4\n"), { onInvalid: "fail" }));

    await expect(harness.toEnd()).rejects.toMatchObject({ code: "ERR_ACT_INVALID_INPUT" });
    await harness.toEnd();

    expect(harness.events).toEqual([{ a: "1" }, { a: "4" }]);
    await harness.close();
  });

  test("hands a bad record to a function, when told to", async () => {
    const handed: unknown[] = [];
    const { events } = await read("a\n1\n2,3\n", { onInvalid: (error, raw) => handed.push([error.code, raw]) });

    expect(events).toEqual([{ a: "1" }]);
    expect(handed).toEqual([["ERR_ACT_INVALID_INPUT", "2,3"]]);
  });

  test("at any position, the rest follows exactly, also in the middle of a record", async () => {
    const path = await file('a,b\r\n1,"x\r\ny"\n"2","ü\n\n"\n3,"\n\n\n\n"\n4,z');
    const { events } = await SourceHarness.readAll(csv(path));
    expect(events).toHaveLength(4);

    const harness = await SourceHarness.open(csv(path));
    const positions: [number, unknown][] = [];
    for (let result = harness.poll(1); result !== "end"; result = harness.poll(1)) {
      positions.push([harness.events.length, harness.position()]);
      if (result === "waiting") await harness.context.woken();
    }
    await harness.close();

    expect(positions.length).toBeGreaterThan(10);
    for (const [count, position] of positions) {
      const rest = await SourceHarness.readAll(csv(path), { position });
      expect(rest.events).toEqual(events.slice(count));
    }
  });

  test("a header that names a column twice is damage", async () => {
    await expect(read("a,b,a\n1,2,3\n")).rejects.toMatchObject({ code: "ERR_ACT_INPUT_DAMAGED" });
  });

  test("refuses several instances", async () => {
    await expect(SourceHarness.open(csv(await file("a\n")), { parallelism: 2 })).rejects.toMatchObject({
      code: "ERR_ACT_PARALLELISM",
    });
  });

  test.each([
    ["header", { header: ["a", 1] as unknown as string[] }],
    ["header", { header: ["a", "a"] }],
    ["delimiter", { delimiter: "" }],
    ["quote", { quote: "," }],
    ["onInvalid", { onInvalid: "ignore" as "fail" }],
  ])("refuses %s that is not allowed, naming it", (name, options) => {
    const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining(`csv: ${name}`) };
    expect(() => csv("a.csv", options)).toThrow(expect.objectContaining(expected));
  });
});
