import { describe, expect, test } from "vitest";
import { guarantees } from "../../epochs/guarantee.ts";
import { drawPlan, swarmEventsMin } from "./draw-plan.ts";
import { swarmFaultsMin } from "./draw-remainder.ts";
import { swarmSeed } from "./swarm-seed.ts";

describe.each(guarantees)("under %s", (guarantee) => {
  test("jobs drawn from seeds hold what is promised under the faults drawn with them", {
    timeout: 120_000,
  }, async () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const { violations, events, faultCount } = await swarmSeed(seed, { guarantee });

      expect(violations, `seed ${seed}, ${guarantee}`).toEqual([]);
      expect(events, `seed ${seed}`).toBeGreaterThanOrEqual(swarmEventsMin);
      expect(faultCount, `seed ${seed}`).toBeGreaterThanOrEqual(swarmFaultsMin);
    }
  });
});

test("a seed is one plan and one history, and its plan alone gives the same one", async () => {
  const first = await swarmSeed(5);

  expect(drawPlan(5)).toEqual(first.plan);
  expect((await swarmSeed(5)).historyHash).toBe(first.historyHash);
  expect((await swarmSeed(5, { plan: first.plan })).historyHash).toBe(first.historyHash);
  expect((await swarmSeed(6)).historyHash).not.toBe(first.historyHash);
});

test("seeds draw forks, joins, every kind of step and of sink, several sources and all guarantees", () => {
  const plans = Array.from({ length: 500 }, (_, seed) => drawPlan(seed));

  expect(new Set(plans.flatMap(({ steps }) => steps.map(({ kind }) => kind)))).toEqual(
    new Set(["map", "filter", "flatMap", "mapAsync", "throttle", "hold", "scan", "process"]),
  );
  expect(new Set(plans.flatMap(({ sinks }) => sinks.map(({ kind }) => kind)))).toEqual(
    new Set(["collect", "transactional", "plain"]),
  );
  expect(new Set(plans.map(({ sources }) => sources.length))).toEqual(new Set([1, 2, 3]));
  expect(new Set(plans.map(({ guarantee }) => guarantee))).toEqual(new Set(guarantees));
  expect(new Set(plans.flatMap(({ sources }) => sources.map(({ acknowledges }) => acknowledges)))).toEqual(
    new Set([undefined, "log", "queue"]),
  );
  expect(plans.some(({ steps }) => steps.some(({ inputs }) => inputs.length > 1))).toBe(true);
  expect(new Set(plans.flatMap(({ branches = [] }) => branches.map(({ kind }) => kind)))).toEqual(
    new Set(["copies", "due", "rules", "timers", "together", "calls", "outputs", "letters", "table"]),
  );
  expect(plans.some(({ microBatch }) => microBatch !== undefined)).toBe(true);
  expect(plans.some(({ objectKeysMax }) => objectKeysMax !== undefined)).toBe(true);
  const timed = plans.flatMap(({ time }) => time ?? []);
  expect(new Set(timed.flatMap(({ steps }) => steps.map((step) => ("form" in step ? step.form : step.kind))))).toEqual(
    new Set([
      "tumbling",
      "sliding",
      "session",
      "interval-join",
      "window-join",
      "table-join",
      "pairs",
      "alone",
      "threes",
      "watch",
    ]),
  );
  expect(new Set(timed.map(({ idleAfterMs }) => idleAfterMs === undefined))).toEqual(new Set([true, false]));
});
