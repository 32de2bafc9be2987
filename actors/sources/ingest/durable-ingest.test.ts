import { appendFile, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SystemClock } from "../../../runtime/index.ts";
import { ingestBytesMin, ingestSegmentBytes } from "../../limits.ts";
import { SourceHarness, type SourceHarnessOptions } from "../../testing/source-harness.ts";
import { defineSource } from "../define-source.ts";
import { generate } from "../generate.ts";
import { type DurableIngestOptions, durableIngest } from "./durable-ingest.ts";

const clock = new SystemClock();
let storage: string;
let ids = 0;

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "millrace-ingest-"));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(storage, { recursive: true });
});

/** What a sender sends: taken once, whoever takes it. */
class Sender {
  readonly #sent: unknown[] = [];
  #wake: () => void = () => undefined;
  ended = false;
  takenCount = 0;

  send(...values: unknown[]): void {
    this.#sent.push(...values);
    this.#wake();
  }

  end(): void {
    this.ended = true;
    this.#wake();
  }

  readonly spec = defineSource<unknown>({
    kind: "sender",
    bounded: true,
    create: () => ({
      open: (context) => {
        this.#wake = () => context.wake();
      },
      poll: (output, eventCountMax) => {
        for (const value of this.#sent.splice(0, eventCountMax)) {
          this.takenCount += 1;
          output.emit(value);
        }
        if (this.#sent.length > 0) return "more";
        return this.ended ? "end" : "waiting";
      },
      close: () => {
        this.#wake = () => undefined;
      },
    }),
  });
}

function options(more: SourceHarnessOptions = {}): SourceHarnessOptions {
  ids += 1;
  return { clock, storage, random: { next: () => 0.5, id: () => `log-${ids}` }, ...more };
}

const ingest = (sender: Sender, settings?: DurableIngestOptions) => durableIngest(sender.spec, settings);
const place = () => join(storage, "test-job.ingest", "under-test", "0");
const segments = async () => (await readdir(place())).filter((name) => name.endsWith(".log")).sort();

/** Sends values, takes all that the log holds then, and says where the source stands then. */
async function sendAll(values: readonly unknown[]): Promise<unknown> {
  const sender = new Sender();
  sender.send(...values);
  sender.end();
  const harness = await SourceHarness.open(ingest(sender), options());
  await harness.toEnd();
  const position = harness.position();
  await harness.close();
  return position;
}

/** Reads what the log holds from a position on. */
async function rest(position?: unknown): Promise<unknown[]> {
  const sender = new Sender();
  sender.end();
  return (await SourceHarness.readAll(ingest(sender), options({ position }))).events;
}

describe("what a source delivers", () => {
  test("is handed on in order, with its event times, and read again from the log", async () => {
    const spec = defineSource<number>({
      kind: "timed",
      bounded: true,
      create: () => {
        let next = 0;
        return {
          open: () => undefined,
          poll: (output) => {
            for (let left = 3; left > 0 && next < 10; left -= 1, next += 1) output.emit(next, 1_000 + next);
            return next < 10 ? "more" : "end";
          },
        };
      },
    });

    const first = await SourceHarness.readAll(durableIngest(spec), options());
    const again = await SourceHarness.open(ingest(new Sender()), options());
    await again.toCount(10);
    await again.close();

    expect([first.events, first.times]).toEqual([again.events, again.times]);
    expect(first.times).toEqual(Array.from({ length: 10 }, (_, at) => 1_000 + at));
  });

  test("is neither lost nor doubled, wherever it is stopped and gone on with", async () => {
    const runs = fc.array(fc.record({ sent: fc.nat(60), taken: fc.nat(60), most: fc.integer({ min: 1, max: 20 }) }), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(runs, async (steps) => {
        await rm(place(), { recursive: true, force: true });
        const sender = new Sender();
        const events: unknown[] = [];
        let sentCount = 0;
        let position: unknown;
        for (const { sent, taken, most } of steps) {
          sender.send(...Array.from({ length: sent }, (_, at) => sentCount + at));
          sentCount += sent;
          const harness = await SourceHarness.open(ingest(sender), options({ position }));
          await harness.toCount(Math.min(taken, sentCount - events.length), most);
          position = harness.position();
          events.push(...harness.events);
          await harness.close();
        }
        sender.end();
        const last = await SourceHarness.readAll(ingest(sender), options({ position }));
        expect([...events, ...last.events]).toEqual(Array.from({ length: sentCount }, (_, at) => at));
      }),
      { numRuns: 30 },
    );
  });

  test("is on the disk before it is handed on, what comes meanwhile with one write", async () => {
    const sender = new Sender();
    const harness = await SourceHarness.open(ingest(sender), options());
    const synced = Promise.withResolvers<void>();
    const handle = await open(join(place(), "lock"));
    const datasync = vi.spyOn(Object.getPrototypeOf(handle), "datasync").mockImplementation(() => synced.promise);
    await handle.close();

    await harness.until(() => harness.poll() === "waiting");
    sender.send("a");
    for (let round = 0; round < 50 || datasync.mock.calls.length === 0; round += 1) {
      sender.send(round);
      harness.poll();
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
    const { takenCount } = sender;
    expect([takenCount > 50, harness.events, datasync.mock.calls.length]).toEqual([true, [], 1]);

    synced.resolve();
    await harness.toCount(takenCount);

    expect(datasync).toHaveBeenCalledTimes(2);
    await harness.close();
  });

  test("is written when it was received and the source is closed before it was handed on", async () => {
    const sender = new Sender();
    const harness = await SourceHarness.open(ingest(sender), options());
    await harness.until(() => harness.poll() === "waiting");
    sender.send("a", "b");
    harness.poll();
    await harness.close();

    expect([harness.events, await rest()]).toEqual([[], ["a", "b"]]);
  });

  test("is a dead letter when it is no plain data, and its neighbours are events", async () => {
    const sender = new Sender();
    sender.send(1, () => 2, 3, Symbol("4"), 5);
    sender.end();

    const harness = await SourceHarness.readAll(ingest(sender), options());

    expect(harness.events).toEqual([1, 3, 5]);
    expect(harness.deadLetters.map(({ error }) => (error as { code?: string }).code)).toEqual([
      "ERR_RT_NOT_PLAIN_DATA",
      "ERR_RT_NOT_PLAIN_DATA",
    ]);
  });
});

describe("a log", () => {
  /** More than a file holds. */
  const large = Array.from({ length: 40 }, (_, at) => `${at}${"x".repeat(ingestSegmentBytes / 16)}`);

  test("is deleted, file by file, up to what was acknowledged", async () => {
    const sender = new Sender();
    const spec = ingest(sender);
    const reader = spec.create();
    const harness = await SourceHarness.open({ ...spec, create: () => reader }, options());
    for (const value of large) {
      sender.send(value);
      await harness.toCount(harness.events.length + 1);
    }
    expect(await segments()).toHaveLength(3);
    const position = harness.position();

    await reader.acknowledge?.(position);

    expect(await segments()).toHaveLength(1);
    await harness.close();
    expect(await rest(position)).toEqual([]);
    expect(await rest()).toEqual(large.slice(-(await rest()).length));
  });

  test("that is full makes the source wait, until files were deleted", async () => {
    const messages: string[] = [];
    const sender = new Sender();
    const spec = ingest(sender, { bytesMax: ingestBytesMin });
    const reader = spec.create();
    const logger = { log: (_level: string, message: string) => void messages.push(message) };
    const harness = await SourceHarness.open({ ...spec, create: () => reader }, options({ logger }));
    const value = "y".repeat(ingestSegmentBytes / 4);
    for (let count = 0; count < 16; count += 1) {
      sender.send(value);
      await harness.toCount(count + 1);
    }
    sender.send("waits");
    for (let round = 0; round < 10; round += 1) expect(harness.poll()).toBe("waiting");
    expect([sender.takenCount, messages]).toEqual([16, [expect.stringContaining("log is full")]]);

    await reader.acknowledge?.(harness.position());
    await harness.until(() => harness.events.at(-1) === "waits");

    expect(harness.events).toHaveLength(17);
    await harness.close();
  });

  test("is used by one source at a time", async () => {
    const first = await SourceHarness.open(ingest(new Sender()), options());

    await expect(SourceHarness.open(ingest(new Sender()), options())).rejects.toMatchObject({
      code: "ERR_ACT_INGEST_LOCKED",
      message: expect.stringContaining(place()),
    });
    await first.close();

    await (await SourceHarness.open(ingest(new Sender()), options())).close();
  });

  test("whose end a crash has torn is cut off there, and goes on", async () => {
    await sendAll([1, 2, 3]);
    const path = join(place(), "0000000000000000.log");
    const { size } = await stat(path);
    await sendAll(["lost"]);
    await truncate(path, (await stat(path)).size - 1);

    expect(await rest()).toEqual([1, 2, 3]);
    expect((await stat(path)).size).toBe(size);
    await sendAll([4]);
    expect(await rest()).toEqual([1, 2, 3, 4]);
  });

  test("whose next file was being made by a crash goes on without it", async () => {
    await sendAll([1, 2, 3]);
    await writeFile(join(place(), "0000000000000003.log"), "half a h");

    expect(await rest()).toEqual([1, 2, 3]);
  });

  test("that is damaged in the middle is refused, and named", async () => {
    await sendAll([1, 2, 3]);
    const path = join(place(), "0000000000000000.log");
    const at = (await stat(path)).size - 2;
    await sendAll([4]);
    const bytes = await readFile(path);
    bytes[at] = (bytes[at] as number) ^ 1;
    await writeFile(path, bytes);

    await expect(rest()).rejects.toMatchObject({
      code: "ERR_ACT_INGEST_DAMAGED",
      message: expect.stringContaining(path),
    });
  });

  test("with a file missing, or damaged, before the last one is refused when it is read", async () => {
    const sender = new Sender();
    const harness = await SourceHarness.open(ingest(sender), options());
    for (const value of large) {
      sender.send(value);
      await harness.toCount(harness.events.length + 1);
    }
    await harness.close();
    const [first, second] = await segments();
    await truncate(join(place(), first as string), ingestSegmentBytes);
    await expect(rest()).rejects.toMatchObject({ code: "ERR_ACT_INGEST_DAMAGED" });

    await rm(join(place(), second as string));
    await expect(rest()).rejects.toMatchObject({ code: "ERR_ACT_INGEST_DAMAGED" });
  });

  test("that does not hold a position any more, or is another one, is refused", async () => {
    const position = (await sendAll([1, 2, 3])) as { log: string; event: number };
    const lost = { code: "ERR_ACT_POSITION_LOST", message: expect.stringContaining(place()) };

    await expect(rest({ ...position, event: 4 })).rejects.toMatchObject(lost);
    await expect(rest("the middle")).rejects.toMatchObject(lost);
    await rm(place(), { recursive: true });
    await expect(rest(position)).rejects.toMatchObject(lost);
  });

  test("that cannot be written fails the source, and what it had received is told, not lost silently", async () => {
    const sender = new Sender();
    const harness = await SourceHarness.open(ingest(sender), options());
    await harness.until(() => harness.poll() === "waiting");
    const handle = await open(join(place(), "lock"));
    const failure = Object.assign(new Error("no space"), { code: "ENOSPC" });
    vi.spyOn(Object.getPrototypeOf(handle), "datasync").mockRejectedValue(failure);
    await handle.close();

    sender.send("a", "b");
    await expect(harness.toCount(1)).rejects.toMatchObject({
      code: "ERR_ACT_INGEST_WRITE",
      message: expect.stringContaining("no space left"),
    });
    await harness.close();
    vi.restoreAllMocks();

    expect(harness.deadLetters.map(({ value }) => value)).toEqual(["a", "b"]);
    expect(await rest()).toEqual([]);
  });

  test("begins with the directory that is given, and with nobody's files", async () => {
    const directory = join(storage, "elsewhere");
    const sender = new Sender();
    sender.end();
    await SourceHarness.readAll(durableIngest(sender.spec, { directory }), options());
    const path = join(directory, "test-job.ingest", "under-test", "0", "0000000000000000.log");
    await appendFile(path, "");
    await writeFile(path, "x".repeat(1_000));

    await expect(SourceHarness.open(durableIngest(new Sender().spec, { directory }), options())).rejects.toMatchObject({
      code: "ERR_ACT_INGEST_DAMAGED",
    });
  });
});

test.each([
  ["a source", () => durableIngest(undefined as never)],
  ["a source that cannot be read again", () => durableIngest(generate({ count: 1 }))],
  ["directory", () => durableIngest(new Sender().spec, { directory: "" })],
  ["bytesMax", () => durableIngest(new Sender().spec, { bytesMax: 1 })],
])("refuses what is not allowed: %s", (what, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "ERR_RT_OPTION", message: expect.stringContaining(what) }));
});

test("needs a directory, of its own or of the job", async () => {
  await expect(SourceHarness.open(ingest(new Sender()), { clock })).rejects.toMatchObject({
    code: "ERR_RT_OPTION",
    message: expect.stringContaining("directory"),
  });
});
