import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { readStoreFile } from "../store/file/read-store-file.ts";
import { keyCount, type LargeResult, large } from "./fixtures/large.job.ts";

const frameBytesMax = 64 * 1024 * 1024;
const clock = new SystemClock();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-large-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("an instance with more state than a frame holds goes on after the loss of its thread, and in another run", async () => {
  const count = 200;
  // So slow that a thread which gets no turn for four seconds still makes no snapshot that is too large, and a disk that takes
  // eight to write one still does so before the end.
  const params = { count, rate: 12, exitsAt: 90, marker: join(folder, "exited") };
  const options = { params, guarantee: "exactly-once", storage: join(folder, "data") } as const;
  const lost: number[] = [];

  await using first = await ActorSystem.start({ threads: 1 });
  first.on("host-lost", ({ host }) => void lost.push(host));
  const cancelled = await first.submit(large, options);
  await cancelled.started;
  while (cancelled.status === "running" && cancelled.collected("results").length < 100) {
    await new Promise<void>((done) => clock.after(10, done));
  }
  expect(cancelled.status).toBe("running");
  await cancelled.cancel();
  const stored = readStoreFile(join(folder, "data", "large.sqlite"), "large", 0).contents.state;

  await using second = await ActorSystem.start({ threads: 1 });
  const run = await second.submit(large, options);
  await run.completed;

  expect(lost).toEqual([1]);
  expect(stored.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)).toBeGreaterThan(frameBytesMax);
  const all = run.collected<LargeResult>("results").toSorted((left, right) => left.index - right.index);
  expect(all).toEqual(Array.from({ length: count }, (_, index) => expectedAt(index)));
});

function expectedAt(index: number): LargeResult {
  let sum = 0;
  for (let at = index % keyCount; at <= index; at += keyCount) sum += at;
  return { index, sum, text: index % keyCount };
}
