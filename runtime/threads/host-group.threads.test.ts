/** Real threads and real faults. What is decided is tested in host-slots.test.ts and watchdog.test.ts. */

import { execFileSync } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { blockFor, GroupHarness } from "./fixtures/group-harness.ts";
import { type Fault, slowMs } from "./fixtures/stand-in-host.ts";

/** A thread on a machine that is busy otherwise gets no turn for some hundred milliseconds, which is no hang. */
const hangLimit = 1_000;
const bothHosts = { hosts: 2, hangLimit, heapLimitMb: 64, externalLimitMb: 64 } as const;

test("joins every host with every other and with main", async () => {
  await using harness = await GroupHarness.started({ hosts: 3 });

  expect(await harness.roundTrip(1, 2, 3, 1, 3, 2, 1)).toBe("/0.0/1.0/2.0/3.0/1.0/3.0/2.0/1.0/0.0");
  expect(new Set(harness.group.threadIds()).size).toBe(3);
  expect(harness.events).toEqual([]);
});

describe("a thread that dies is named with its cause, replaced, and linked again", () => {
  const table: readonly (readonly [Fault, code: string, cause: object])[] = [
    ["exit with code 0", "ERR_RT_THREAD_EXIT", { details: { exitCode: 0 } }],
    ["exit with code 7", "ERR_RT_THREAD_EXIT", { details: { exitCode: 7 } }],
    [
      "throw in a timer",
      "ERR_RT_THREAD_FAILURE",
      { cause: { name: "TypeError", message: "thrown in a timer", cause: { name: "RangeError", message: "deep" } } },
    ],
    ["throw null", "ERR_RT_THREAD_FAILURE", { cause: { message: expect.stringContaining("null") } }],
    ["throw a function", "ERR_RT_THREAD_FAILURE", { cause: { message: expect.stringContaining("run") } }],
    [
      "throw while a message is handled",
      "ERR_RT_THREAD_FAILURE",
      { details: { origin: "uncaught exception" }, cause: { message: "thrown in a message" } },
    ],
    [
      "reject with an Error",
      "ERR_RT_THREAD_FAILURE",
      { details: { origin: "unhandled rejection" }, cause: { name: "SyntaxError", message: "rejected" } },
    ],
    ["reject with a string", "ERR_RT_THREAD_FAILURE", { cause: { message: expect.stringContaining("only a string") } }],
    ["reject with undefined", "ERR_RT_THREAD_FAILURE", { cause: { message: expect.stringContaining("undefined") } }],
    ["fill the heap", "ERR_RT_HEAP_LIMIT", { details: { limitMb: 64, liveBytes: expect.any(Number) } }],
    ["fill buffers", "ERR_RT_EXTERNAL_LIMIT", { details: { limitMb: 64, liveBytes: expect.any(Number) } }],
    ["loop forever", "ERR_RT_THREAD_HANG", { details: { host: 1, limitMs: hangLimit } }],
    ["block in native code", "ERR_RT_THREAD_HANG", { details: { host: 1, limitMs: hangLimit } }],
    ["wait forever", "ERR_RT_THREAD_HANG", { details: { host: 1, limitMs: hangLimit } }],
  ];

  test.each(table)("%s", async (fault, code, expected) => {
    await using harness = await GroupHarness.started(bothHosts);
    const [firstThread] = harness.group.threadIds();

    harness.main.send({ path: [1], deed: fault, text: "" });
    const lost = await harness.event("lost");
    const replaced = await harness.event("replaced");

    expect(lost).toMatchObject({ host: 1, error: { code } });
    expect(lost.error).toMatchObject(expected);
    expect(replaced).toMatchObject({ host: 1, incarnation: 1 });
    expect(harness.group.threadIds()[0]).not.toBe(firstThread);
    expect(await harness.roundTrip(2, 1, 2)).toBe("/0.0/2.0/1.1/2.0/0.0");
    expect(harness.events).toHaveLength(2);
  });
});

test("replaces every host when all die at once", async () => {
  await using harness = await GroupHarness.started({ hosts: 3 });

  for (const host of [1, 2, 3]) expect(harness.group.kill(host)).toBe(true);
  await harness.event("replaced", 3);

  expect(harness.events.filter(({ kind }) => kind === "lost")).toHaveLength(3);
  expect(await harness.roundTrip(1, 2, 3, 1)).toBe("/0.0/1.1/2.1/3.1/1.1/0.0");
});

test("replaces a host whose replacement dies at once", async () => {
  await using harness = await GroupHarness.started(bothHosts);

  for (let incarnation = 1; incarnation <= 5; incarnation += 1) {
    harness.main.send({ path: [1], deed: "exit with code 0", text: "" });
    expect(await harness.event("replaced", incarnation)).toMatchObject({ host: 1, incarnation });
  }

  expect(await harness.roundTrip(1, 2)).toBe("/0.0/1.5/2.0/0.0");
});

test("gives up with a code when more threads die than may be replaced", async () => {
  await using harness = await GroupHarness.started({
    hosts: 1,
    replacements: { replacementsMax: 1, windowMs: 60_000 },
  });

  harness.group.kill(1);
  await harness.event("replaced");
  harness.group.kill(1);
  const failed = await harness.event("failed");

  expect(failed.error).toMatchObject({
    code: "ERR_RT_REPLACEMENTS_SPENT",
    details: { host: 1, replacementsMax: 1 },
    cause: { code: "ERR_RT_THREAD_KILLED" },
  });
  expect(harness.group.status()).toMatchObject([{ host: 1, phase: { kind: "stopped" }, threadId: undefined }]);
});

test.skipIf(process.platform === "win32")(
  "lets a host live that stands still in native code for less than the hang limit, while others go on",
  async () => {
    await using harness = await GroupHarness.started({ hosts: 2, hangLimit: "10m" });
    const folder = await mkdtemp(join(tmpdir(), "millrace-pause-"));
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);

    harness.main.send({ path: [1], deed: "wait for a file", text: "", about: pipe });
    // Opened when the thread has: from now on it waits for what is written.
    const writer = await open(pipe, "w");
    const meanwhile = [await harness.roundTrip(2), await harness.roundTrip(2)];
    await writer.close();

    expect(meanwhile).toEqual(["/0.0/2.0/0.0", "/0.0/2.0/0.0"]);
    expect(await harness.roundTrip(1, 2, 1)).toBe("/0.0/1.0/2.0/1.0/0.0");
    expect(harness.events).toEqual([]);
    await rm(folder, { recursive: true });
  },
);

test("lets a host live that is slow but makes progress", async () => {
  await using harness = await GroupHarness.started(bothHosts);
  expect(slowMs).toBeGreaterThan(2 * hangLimit);

  harness.main.send({ path: [1], deed: "be slow", text: "" });

  expect(await harness.roundTrip(1, 2)).toBe("/0.0/1.0/2.0/0.0");
  expect(harness.events).toEqual([]);
});

test("lets a host live that fills its heap with garbage only", async () => {
  await using harness = await GroupHarness.started({ ...bothHosts, hangLimit: "20s" });

  harness.main.send({ path: [1], deed: "make garbage", text: "" });

  expect(await harness.roundTrip(1, 2)).toBe("/0.0/1.0/2.0/0.0");
  expect(harness.events).toEqual([]);
});

test("lets every host live while main itself is busy", async () => {
  await using harness = await GroupHarness.started(bothHosts);

  for (let round = 0; round < 2; round += 1) {
    blockFor(2 * hangLimit);
    await harness.roundTrip(1, 2);
  }

  expect(harness.events).toEqual([]);
});

test("stops hosts in good order, without taking their end for a death", async () => {
  const harness = await GroupHarness.started(bothHosts);

  await Promise.all([harness.group.stop(), harness.group.stop()]);

  expect(harness.events).toEqual([]);
  expect(harness.group.threadIds()).toEqual([]);
  expect(harness.group.status().map(({ phase }) => phase.kind)).toEqual(["stopped", "stopped"]);
});

test("stops while it starts", async () => {
  const harness = new GroupHarness(bothHosts);

  const starting = harness.group.start();
  const refused = expect(starting).rejects.toMatchObject({ code: "ERR_RT_THREADS_STOPPED" });
  await harness.group.stop();

  await refused;
  expect(harness.group.threadIds()).toEqual([]);
});

test("stops while a host is being replaced", async () => {
  const harness = await GroupHarness.started(bothHosts);

  harness.group.kill(1);
  harness.group.kill(2);
  await harness.event("lost", 2);
  await harness.group.stop();

  expect(harness.group.threadIds()).toEqual([]);
  expect(harness.events.filter(({ kind }) => kind === "failed")).toEqual([]);
});
