import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { OperatorHarness } from "../testing/operator-harness.ts";
import { formatEvent } from "./event-format.ts";
import { stdout } from "./stdout.ts";
import { StreamLines } from "./stream-lines.ts";

/** A stream whose writes end when the test says so. */
function slowStream(highWaterMark = 10) {
  const written: string[] = [];
  const pending: ((error?: Error) => void)[] = [];
  const stream = new Writable({
    highWaterMark,
    decodeStrings: false,
    write: (chunk, _encoding, callback) => {
      written.push(String(chunk));
      pending.push(callback);
    },
  });
  return { stream, written, end: (error?: Error) => pending.shift()!(error) };
}

const open = (stream: Writable, format = formatEvent) =>
  OperatorHarness.open({ kind: "stream", create: () => new StreamLines("the stream", () => stream, format) });

describe("StreamLines", () => {
  test("writes a batch with one write, a line per event", async () => {
    const { stream, written } = slowStream(1_000);
    const harness = await open(stream);

    harness.feedValues(["a", { b: 1 }, [2], null, 3n, undefined]);

    expect(written).toEqual(['a\n{"b":1}\n[2]\nnull\n"3"\nundefined\n']);
  });

  test("takes no input from a full stream until it drains, and is quiet when all is written", async () => {
    const { stream, written, end } = slowStream();
    const harness = await open(stream);

    harness.feedValues(["0123456789"]);
    harness.feedValues(["next"]);
    expect(harness.ready).toBe(false);
    expect(harness.waitingCount).toBe(1);
    end();
    await harness.until(() => harness.waitingCount === 0);
    expect(harness.quiet).toBe(false);
    end();
    await harness.end();

    expect(written.join("")).toBe("0123456789\nnext\n");
    expect(harness.quiet).toBe(true);
  });

  test("an event that cannot be written fails alone: the others are written", async () => {
    const { stream, written, end } = slowStream(1_000);
    const harness = await open(stream);
    const circular: { self?: unknown } = {};
    circular.self = circular;

    harness.feedValues(["a", circular, "b"]);

    const error = expect.objectContaining({ code: "ERR_ACT_EVENT_UNPRINTABLE" });
    expect(harness.deadLetters).toEqual([{ value: circular, error }]);
    end();
    expect(written).toEqual(["a\n", "b\n"]);
  });

  test("a stream that fails is reported once, and takes nothing more", async () => {
    const { stream, end } = slowStream();
    const harness = await open(stream);
    harness.feedValues(["a"]);

    end(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await harness.context.woken();

    expect(harness.failures).toEqual([
      expect.objectContaining({
        code: "ERR_ACT_SINK_WRITE",
        message: "cannot write to the stream: the reader went away (EPIPE)",
      }),
    ]);
    expect(harness.quiet).toBe(false);
    harness.feedValues(["b"]);
    expect(harness.waitingCount).toBe(1);
  });

  test("many sinks of one stream add no listeners, and leave it open", async () => {
    const { stream } = slowStream();

    const harnesses = await Promise.all(Array.from({ length: 50 }, () => open(stream)));
    await Promise.all(harnesses.map((harness) => harness.close()));

    expect([stream.listenerCount("error"), stream.listenerCount("drain")]).toEqual([1, 1]);
    expect(stream.writable).toBe(true);
  });
});

describe("stdout", () => {
  const modules = {
    stdout: join(import.meta.dirname, "stdout.ts"),
    harness: join(import.meta.dirname, "../testing/operator-harness.ts"),
  };
  const start = (body: string) =>
    spawn(process.execPath, [
      "--input-type=module",
      "--eval",
      `import { stdout } from "${modules.stdout}";
       import { OperatorHarness } from "${modules.harness}";
       const harness = await OperatorHarness.open(stdout());
       ${body}`,
    ]);

  test("delivers every line, in order, to a reader that is slow", async () => {
    const child = start(`for (let batch = 0; batch < 100; batch += 1) {
         harness.feedValues(Array.from({ length: 1000 }, (_, index) => "line " + (batch * 1000 + index)));
         await harness.until(() => harness.waitingCount === 0);
       }
       await harness.end();`);
    let text = "";
    for await (const chunk of child.stdout) text += chunk;

    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(100_000);
    expect(lines.every((line, index) => line === `line ${index}`)).toBe(true);
  });

  test("a reader that goes away is a failure of the sink, not the end of the process", async () => {
    const child = start(`const lines = Array.from({ length: 1000 }, () => "x".repeat(100));
       while (harness.failures.length === 0) {
         harness.feedValues(lines);
         await new Promise((resolve) => setImmediate(resolve));
       }
       console.error(harness.failures.map(({ code }) => code).join());`);
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.stdout.once("data", () => child.stdout.destroy());

    const [code] = await once(child, "exit");

    expect({ code, errors }).toEqual({ code: 0, errors: "ERR_ACT_SINK_WRITE\n" });
  });

  test("refuses a format that is no function, naming it", () => {
    const expected = { code: "ERR_RT_OPTION", message: expect.stringContaining("stdout: format") };
    expect(() => stdout({ format: "json" as unknown as () => string })).toThrow(expect.objectContaining(expected));
  });
});
