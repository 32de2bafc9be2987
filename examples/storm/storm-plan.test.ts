import { expect, test } from "vitest";
import { stormPlan } from "./storm-plan.ts";

test("a seed is one storm, and another seed another one", () => {
  const counts = { throw: 5, thread: 3, process: 2 };

  const plan = stormPlan(7, 1_000, counts);

  expect(stormPlan(7, 1_000, counts)).toEqual(plan);
  expect(stormPlan(8, 1_000, counts)).not.toEqual(plan);
});

test("as many faults of each kind as were asked for strike at events of the run, in their order", () => {
  const { faults } = stormPlan(1, 1_000, { throw: 5, thread: 3, process: 2 });

  expect(
    faults
      .map(({ kind }) => kind)
      .sort()
      .join(" "),
  ).toBe("process process thread thread thread throw throw throw throw throw");
  const events = faults.map(({ atEvent }) => atEvent);
  expect(events).toEqual(events.toSorted((left, right) => left - right));
  expect(events.every((event) => event >= 0 && event < 1_000)).toBe(true);
});
