import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineSplitter, type LineSplitterOptions } from "./line-splitter.ts";

/** Splits bytes that come in the given chunks; long lines stand as `{ beginning }`. */
function split(chunks: readonly Buffer[], options: Partial<LineSplitterOptions> = {}) {
  const splitter = new LineSplitter({ encoding: "utf8", lineBytesMax: 1_000, ...options });
  const lines: unknown[] = [];
  const offsets: number[] = [];
  const drain = () => {
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) {
      lines.push(line);
      offsets.push(splitter.offset);
    }
  };
  for (const chunk of chunks) {
    splitter.push(chunk);
    drain();
  }
  splitter.end();
  drain();
  return { lines, offsets, splitter };
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const borders = [0, ...at.map((point) => point % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

describe("lines", () => {
  test.each([
    ["LF", "a\nb\nc\n", ["a", "b", "c"]],
    ["CRLF", "a\r\nb\r\n", ["a", "b"]],
    ["a last line without a line break", "a\nb", ["a", "b"]],
    ["empty lines", "\n\na\n\n", ["", "", "a", ""]],
    ["empty lines that end in CRLF", "\r\n\r\n", ["", ""]],
    ["a CR that ends no line", "a\rb\nc\r", ["a\rb", "c\r"]],
    ["nothing", "", []],
    ["a byte order mark", "\ufeffa\nb\n", ["a", "b"]],
    ["a byte order mark in the middle", "a\n\ufeffb\n", ["a", "\ufeffb"]],
    ["only a byte order mark", "\ufeff", []],
  ])("%s", (_name, text, expected) => {
    expect(split([Buffer.from(text)]).lines).toEqual(expected);
  });

  test("are the same however the bytes are cut into chunks", () => {
    const line = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 30 }),
      fc.constant(""),
      fc.constant("\u{1f69a} lorry"),
    );
    fc.assert(
      fc.property(
        fc.array(line.map((text) => text.replaceAll(/[\r\n\ufeff]/g, "-"))),
        fc.constantFrom("\n", "\r\n"),
        fc.array(fc.nat(), { maxLength: 40 }),
        (lines, lineBreak, points) => {
          const bytes = Buffer.from(lines.map((text) => text + lineBreak).join(""));
          const { lines: found, splitter } = split(cut(bytes, points));
          expect(found).toEqual(lines);
          expect(splitter.offset).toBe(bytes.length);
          expect(splitter.lineCount).toBe(lines.length);
        },
      ),
    );
  });

  test("each ends at an offset from which exactly the rest is read", () => {
    const bytes = Buffer.concat([
      Buffer.from("\ufeffab\r\n\n\u00fc\u{1f69a}x\n"),
      Buffer.from([0xff, 0xfe, 10]),
      Buffer.from("end"),
    ]);
    const whole = split(cut(bytes, [3, 9, 10]));

    whole.offsets.forEach((offset, index) => {
      const rest = split([bytes.subarray(offset)], { offset, lineCount: index + 1 });
      expect(rest.lines).toEqual(whole.lines.slice(index + 1));
      expect(rest.splitter.lineCount).toBe(whole.lines.length);
    });
  });

  test("can be stopped anywhere, and the rest put into another splitter", () => {
    const text = `ab\r\n\n${"x".repeat(40_000)}\nü\nend`;
    const [first, second] = cut(Buffer.from(text), [20_000]) as [Buffer, Buffer];
    for (let count = 0; count < 2; count += 1) {
      const splitter = new LineSplitter({ encoding: "utf8", lineBytesMax: 100_000 });
      splitter.push(first);
      const lines: unknown[] = [];
      while (lines.length < count) lines.push(splitter.next());
      lines.push(...split([splitter.rest, second], { lineBytesMax: 100_000 }).lines);
      expect(lines).toEqual(["ab", "", "x".repeat(40_000), "ü", "end"]);
    }
  });

  test("in Latin-1 take one character per byte", () => {
    expect(split([Buffer.from([0xe4, 10, 0xfc])], { encoding: "latin1" }).lines).toEqual(["ä", "ü"]);
  });
});

describe("a line longer than lineBytesMax", () => {
  test.each([0, 1, 5, 10, 11, 12, 30])("is reported and skipped, its neighbours kept (cut at %i)", (point) => {
    const text = `${"a".repeat(10)}\n${"b".repeat(11)}\n\n${"c".repeat(300)}\r\nd\n`;

    const { lines, splitter } = split(cut(Buffer.from(text), [point, point + 200]), { lineBytesMax: 10 });

    expect(lines).toEqual([
      "a".repeat(10),
      { beginning: expect.stringMatching(/^b+$/) },
      "",
      { beginning: expect.stringMatching(/^c{9,256}$/) },
      "d",
    ]);
    expect(splitter.offset).toBe(text.length);
  });

  test("is reported at the end of the input too", () => {
    expect(split([Buffer.from("abcdefgh")], { lineBytesMax: 4 }).lines).toEqual([{ beginning: "abcdefgh" }]);
  });

  test("is not kept: bytes that drip in without a line break do not pile up", () => {
    const splitter = new LineSplitter({ encoding: "utf8", lineBytesMax: 1_000 });

    for (let count = 0; count < 5_000; count += 1) {
      splitter.push(Buffer.from("x"));
      expect(splitter.next()).toBeUndefined();
    }

    expect(splitter.unfinished!.length).toBeLessThanOrEqual(1_001);
    splitter.push(Buffer.from("\nnext\n"));
    expect(splitter.next()).toEqual({ beginning: "x".repeat(256) });
    expect(splitter.next()).toBe("next");
  });
});
