/** Jobs that are stopped at a checkpoint, and go on from it. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileLines, forEach, generate } from "../../actors/index.ts";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

const clock = new SystemClock();
const count = 40_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-stop-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test.each(["exactly-once", "at-least-once"] as const)(
  "under %s what plain and other sinks wrote by the end of a stop, and what the next runs write, is everything, once",
  async (guarantee) => {
    await using system = await ActorSystem.start();
    const written: number[][] = [];
    const job = (into: number[]) =>
      defineJob("stopped", (builder) => {
        const numbers = builder.source("numbers", generate({ count, rate: 40_000 }));
        numbers.sink(
          "plain",
          forEach((number) => void into.push(number)),
        );
        numbers.sink("file", fileLines(join(folder, "numbers.txt"), { format: String }));
      });

    const statuses: string[] = [];
    while (statuses.at(-1) !== "completed") {
      const into: number[] = [];
      written.push(into);
      const run = await system.submit(job(into), { guarantee, storage: folder, epochInterval: "1h" });
      await run.started;
      while (into.length === 0 && run.status === "running") await new Promise<void>((done) => clock.soon(done));
      // The third one is left alone.
      const { status } = statuses.length < 2 ? await run.stop() : await run.completed;
      const lines = (await readFile(join(folder, "numbers.txt"), "utf8")).split("\n").length - 1;
      statuses.push(status);
      expect((await run.report()).operators[0]?.total.out).toBe(into.length);
      expect(lines).toBe(written.flat().length);
    }

    expect(statuses).toEqual(["stopped", "stopped", "completed"]);
    expect(written.every(({ length }) => length > 0)).toBe(true);
    expect(written.flat().every((number, index) => number === index)).toBe(true);
    expect(written.flat()).toHaveLength(count);
  },
);
