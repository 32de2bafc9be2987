/** A device of the platform that has no space: what could not be written is told of, event by event. */

import { expect, test } from "vitest";
import { fileLines, generate } from "../../actors/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

const eventCount = 100;
const job = defineJob("full", (builder) => {
  builder
    .source("numbers", generate({ count: eventCount }))
    .sink("out", fileLines("/dev/full"), { supervision: { restarts: { max: 1_000 }, backoff: { min: 0, max: 0 } } });
});

test.runIf(process.platform === "linux")(
  "under at-most-once each line that a full device has refused becomes a dead letter that says why",
  async () => {
    await using system = await ActorSystem.start({ threads: 0, logger: { log: () => undefined } });
    const run = await system.submit(job);

    const report = await run.completed;

    expect(report.operators.find(({ name }) => name === "out")?.total.deadLetters).toBe(eventCount);
    expect(run.deadLetters.list().map(({ value }) => Number(value))).toEqual(
      Array.from({ length: eventCount }, (_, index) => index),
    );
    for (const { error } of run.deadLetters.list()) {
      expect(error).toMatchObject({ code: "ERR_ACT_SINK_WRITE", cause: { code: "ENOSPC" } });
    }
  },
);

test.runIf(process.platform === "linux")(
  "under at-least-once, where nothing may be left out, the job fails by it",
  async () => {
    await using system = await ActorSystem.start({ threads: 0, logger: { log: () => undefined } });
    const failing = defineJob("full", (builder) => {
      builder
        .source("numbers", generate({ count: eventCount }))
        .sink("out", fileLines("/dev/full", { append: true }), { supervision: { otherwise: "stop" } });
    });
    const run = await system.submit(failing, { guarantee: "at-least-once" });

    await expect(run.completed).rejects.toMatchObject({
      code: "ERR_JOB_FAILED",
      message: expect.stringContaining("no space left on the device (ENOSPC)"),
    });
    expect(run.deadLetters.list()).toEqual([]);
  },
);
