/** A job without `storage` whose state is too large for memory. */

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

const clock = new SystemClock();
const folderBefore = process.env.TMPDIR;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-temporary-"));
});

afterEach(async () => {
  if (folderBefore === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = folderBefore;
  await rm(folder, { recursive: true });
});

const keyCount = 20_000;
let strikes = false;

/** About 500 bytes a key. */
const large = defineJob("large", (job) => {
  job
    .source("numbers", generate({ rate: 60_000 }))
    .keyBy((number) => number % keyCount)
    .scan(
      "texts",
      () => ({ seen: 0, text: "" }),
      ({ seen }) => ({ seen: seen + 1, text: "x".repeat(500) }),
    )
    .map("counts", ({ key, value }) => {
      if (strikes) {
        strikes = false;
        throw new Error("once");
      }
      return [key, value.seen] as const;
    })
    .collect("all");
});

test("goes on in a temporary file, from which a failed operator starts over, and which is gone with the run", async () => {
  process.env.TMPDIR = folder;
  const logged: string[] = [];
  const logger = { log: (_level: string, message: string) => void logged.push(message) };
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((done) => clock.after(5, done));
  };
  await using system = await ActorSystem.start({ threads: 0, logger });
  const run = await system.submit(large, { guarantee: "exactly-once", epochInterval: "20ms" });
  await until(() => logged.some((message) => message.includes("temporary file")));
  const [made] = await readdir(folder);

  strikes = true;
  await until(() => !strikes);
  // It starts over from the last checkpoint, and goes on to those that come for the first time.
  await until(() => run.collected("all").length >= keyCount);
  await run.drain();

  expect(made).toMatch(/^millrace-checkpoints-/);
  const all = run.collected<readonly [number, number]>("all");
  const seen = new Map<number, number>();
  for (const [key, count] of all) {
    expect(count).toBe((seen.get(key) ?? 0) + 1);
    seen.set(key, count);
  }
  expect(seen.size).toBe(keyCount);
  expect(await readdir(folder)).toEqual([]);
});
