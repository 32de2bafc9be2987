import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileLines, fromIterable, type Guarantee, textLines } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

test.each<Guarantee>(["at-most-once", "at-least-once", "exactly-once"])(
  "a file holds what it held when the job fails before it begins, and what the job puts out when it begins, under %s",
  async (guarantee) => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-begin-"));
    try {
      const file = join(folder, "out.txt");
      await writeFile(file, "of yesterday\n");
      await using system = await ActorSystem.start();
      const fails = defineJob("fails", (job) => {
        job.source("there", fromIterable(["today"])).sink("out", fileLines(file));
        job.source("missing", textLines(join(folder, "missing.txt"))).collect("lines");
      });
      const failing = await system.submit(fails, { guarantee });
      await expect(failing.completed).rejects.toMatchObject({ code: "ERR_JOB_FAILED" });
      expect(await readFile(file, "utf8")).toBe("of yesterday\n");

      const empty = defineJob("empty", (job) => job.source("none", fromIterable([])).sink("out", fileLines(file)));
      await (await system.submit(empty, { guarantee })).completed;
      expect(await readFile(file, "utf8")).toBe("");
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
