import { expect, test } from "vitest";
import { count, every, generate, tumbling, type WindowResult } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulate } from "../simulation/simulate.ts";

test.each([false, true])("early results are counted, and others are not; in micro-batches: %s", async (batched) => {
  const job = defineJob("early", (job) => {
    job
      .source("numbers", generate({ count: 100 }))
      .eventTime("at", { time: (number) => 1_000 + number })
      .window("told", tumbling("50ms"), count(), {
        early: every(7),
        ...(batched ? { microBatch: { interval: "5ms" } } : {}),
      })
      .collect("results");
  });

  const { report, collected } = await simulate(job, { seed: 1 });

  const results = collected<WindowResult<number>>("results");
  const early = results.filter((result) => result.early).length;
  expect(early).toBe(14);
  const told = report?.operators.find(({ name }) => name === "told");
  expect(told?.total).toMatchObject({ in: 100, out: results.length, early });
  expect(report?.operators.find(({ name }) => name === "results")?.total.early).toBe(0);
});
