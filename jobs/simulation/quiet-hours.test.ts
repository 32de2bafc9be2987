/** Hours in which nothing comes, in virtual time: epochs go on, nothing grows with them, and what comes then is taken. */

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { discard, generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { startSimulation } from "../testing/controlled-simulation.ts";

const job = defineJob("quiet", (builder) => {
  builder
    .source("numbers", generate({ rate: 10 }))
    .keyBy((number) => number % 10)
    .count("counts")
    .sink("all", discard());
});

const epochIntervalMs = 2_000;
/** More than the measuring itself leaves behind, less than an entry of a table for each epoch. */
const bytesPerEpochMax = 90;

test("three hours without an event cost nothing that stays, and the next events count on from those before", async () => {
  await using simulation = await startSimulation(job, {
    epochInterval: epochIntervalMs,
    threads: 1,
    hangLimit: "1h",
  });
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = () => {
    collect();
    return getHeapStatistics().used_heap_size;
  };
  simulation.source<number>("numbers").pushAll([3, 3, 4]);
  const before = await simulation.sink("all").expectEvents(3);
  await simulation.advance("30m");
  const usedAtFirst = used();

  await simulation.advance("150m");
  const grownBytes = used() - usedAtFirst;
  simulation.source<number>("numbers").pushAll([3, 4, 5]);
  const after = await simulation.sink("all").expectEvents(3);
  const { status, report, violations, logged } = await simulation.end();

  expect([...before, ...after]).toEqual(
    [
      [3, 1],
      [3, 2],
      [4, 1],
      [3, 3],
      [4, 2],
      [5, 1],
    ].map(([key, count]) => ({ key, count })),
  );
  expect({ status, violations, logged }).toEqual({ status: "completed", violations: [], logged: [] });
  expect(report?.epochs?.completed).toBeGreaterThan((180 * 60_000) / epochIntervalMs / 2);
  expect(report?.epochs).toMatchObject({ givenUp: 0, retainedBytes: 0 });
  expect(grownBytes / ((150 * 60_000) / epochIntervalMs)).toBeLessThan(bytesPerEpochMax);
}, 120_000);
