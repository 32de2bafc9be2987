import { expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { MetricRegistry } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { defineJob } from "../define-job.ts";

const count = 100_000;

test.each(["at-least-once", "exactly-once"] as const)(
  "under %s, epochs start before their interval is over when half of what may be kept is",
  async (guarantee) => {
    const metrics = new MetricRegistry();
    await using system = await ActorSystem.start({ metrics });
    const job = defineJob("long", (builder) => {
      builder
        .source("numbers", generate({ count }))
        .shuffle()
        .map("same", (number) => number, { parallelism: 2 })
        .collect("all");
    });

    const run = await system.submit(job, { guarantee, epochInterval: "1d", retentionBytes: 100_000 });
    const { epochs } = await run.completed;

    expect(new Set(run.collected("all")).size).toBe(count);
    expect(run.collected("all")).toHaveLength(count);
    expect(epochs?.completed).toBeGreaterThan(5);
    expect(epochs).toMatchObject({ retainedBytes: 0, pausedForMs: undefined, givenUp: 0, inFlight: undefined });
    const counted = metrics.samples().find(({ name, labels }) => name === "epochs-completed" && labels.job === "long");
    expect(counted?.value).toBe(epochs?.completed);
  },
);

test("a run in which few events make more than one instance may keep fails, and says which", async () => {
  await using system = await ActorSystem.start({ logger: { log: () => undefined } });
  const job = defineJob("burst", (builder) => {
    builder
      .source("numbers", { ...generate({ count: 10 }), seeks: false })
      .flatMap("many", (number) => Array.from({ length: 100_000 }, () => number))
      .collect("all");
  });

  const run = await system.submit(job, {
    guarantee: "exactly-once",
    epochInterval: "1d",
    retentionBytes: 10_000,
    retentionBytesMax: 1_000_000,
  });
  const failure = await run.completed.catch((error: unknown) => error);

  expect(failure).toMatchObject({ code: "ERR_JOB_FAILED" });
  expect(String(failure)).toMatch(
    /burst\/numbers\/0 keeps \d+ bytes until a checkpoint is complete.* allowed are 1000000/,
  );
});

test("under at-most-once nothing is kept, and nothing is said of epochs", async () => {
  await using system = await ActorSystem.start();
  const job = defineJob("plain", (builder) => {
    builder
      .source("numbers", generate({ count }))
      .shuffle()
      .map("same", (n) => n, { parallelism: 2 })
      .collect("all");
  });

  const run = await system.submit(job, { retentionBytes: 4_096, retentionBytesMax: 4_096 });
  const { epochs, waitingFor } = await run.completed;

  expect(run.collected("all")).toHaveLength(count);
  expect([epochs, waitingFor]).toEqual([undefined, []]);
});
