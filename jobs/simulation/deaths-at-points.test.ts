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

test("whoever comes to a fault point dies there: a thread in the middle of a snapshot, the process in the middle of a checkpoint", async () => {
  const simulation = await simulate(job, {
    seed: 1,
    epochInterval: "10ms",
    deaths: [
      { point: "operator.snapshot.behind-barrier", nth: 1 },
      { point: "epoch.complete.before-durable", nth: 4 },
    ],
  });

  expect(simulation.struck.map(({ action, point }) => `${action.kind} at ${point}`).toSorted()).toEqual([
    "crash at operator.snapshot.behind-barrier",
    "kill-process at epoch.complete.before-durable",
  ]);
  expect([simulation.status, simulation.lives, simulation.violations]).toEqual(["completed", 2, []]);
  expect(simulation.collected("all")).toHaveLength(600);
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
