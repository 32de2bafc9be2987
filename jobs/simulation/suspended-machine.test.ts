/** A machine that is suspended: all threads stand still at the same time, and all clocks have leapt when they go on. */

import { describe, expect, test } from "vitest";
import { generate } from "../../actors/index.ts";
import { defineJob } from "../define-job.ts";
import { startSimulation } from "../testing/controlled-simulation.ts";
import { hang, host, jumpClock, slowWrite } from "./fault.ts";

const suspendedMs = 3_600_000;
/** In this time the watchdog has looked once more. */
const lookMs = 60;
const eventCount = 1_000;
const job = defineJob("counting", (builder) => {
  builder
    .source("numbers", generate({ count: eventCount, rate: 1_000 }))
    .keyBy((number) => number % 10)
    .count("counts", { parallelism: 2 })
    .collect("all");
});

const expected = Array.from({ length: 10 }, (_, key) =>
  Array.from({ length: eventCount / 10 }, (_, index) => `${key}: ${index + 1}`),
).flat();

describe.each([
  ["while events flow", false],
  ["while a checkpoint is written", true],
])("a machine that is suspended for an hour %s", (_, isWriting) => {
  test.each(Array.from({ length: 10 }, (_, seed) => seed))(
    "goes on: no thread is taken for hung, seed %i",
    async (seed) => {
      await using simulation = await startSimulation(job, {
        seed,
        epochInterval: 10,
        history: true,
        keep: ["numbers", "all"],
      });
      if (isWriting) simulation.strike(slowWrite("200ms"));
      await simulation.advance(200 + 7 * seed);
      const beforeMs = simulation.nowMs;
      for (const each of [1, 2]) simulation.strike(hang(host(each)).for(suspendedMs));
      // The watchdog looks once more; then it goes on at the same moment as those whom it watches, before or behind them.
      await simulation.advance(lookMs);
      simulation.strike(hang(host(0)).for(suspendedMs - lookMs));
      simulation.strike(jumpClock("1h"));
      await simulation.advance("61m");
      const { status, lives, violations, assertions, history, report, collected } = await simulation.end();

      expect(simulation.nowMs - beforeMs).toBeGreaterThan(suspendedMs);
      expect({ status, lives, violations, assertions }).toEqual({
        ...{ status: "completed", lives: 1, violations: [], assertions: [] },
      });
      expect(history?.filter((line) => / is lost| died| has failed/.test(line))).toEqual([]);
      // The one in flight had not moved for an hour: it may be given up, and the next one takes what it had.
      expect(report?.epochs?.givenUp).toBeLessThanOrEqual(1);
      const shown = collected<{ key: number; count: number }>("all").map(({ key, count }) => `${key}: ${count}`);
      expect(shown.toSorted()).toEqual(expected.toSorted());
    },
  );
});
