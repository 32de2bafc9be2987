import { expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { simulate } from "./simulate.ts";

const job = defineJob("count", (builder) => {
  builder
    .source("numbers", generate({ count: 600, rate: 2_000 }))
    .keyBy((number) => number % 10)
    .count("counts", { parallelism: 2 })
    .collect("all");
});

test("nothing behind the point happens: the epoch that a process died in is not complete", async () => {
  const { history = [] } = await simulate(job, {
    seed: 1,
    epochInterval: "10ms",
    history: true,
    deaths: [{ point: "epoch.complete.before-durable", nth: 1 }],
  });

  const died = history.findIndex((line) => line.includes("at epoch.complete.before-durable"));
  expect(died).toBeGreaterThan(0);
  expect(history.slice(0, died + 1).filter((line) => line.includes("is complete"))).toEqual([]);
});
