import { expect, test } from "vitest";
import { SeededRandom } from "../../runtime/index.ts";
import { chaos, chaosKinds } from "./chaos.ts";

const run = { elapsedMs: 100, threads: 2, instances: [{ operator: "count", instance: 0, eventCount: 50 }] };

test("a seed draws one plan, within the time and the events of the run, of the kinds given", () => {
  const kinds = new Set<string>();
  for (let seed = 0; seed < 200; seed += 1) {
    const plan = chaos(new SeededRandom(seed), run, chaosKinds, 4);

    expect(chaos(new SeededRandom(seed), run, chaosKinds, 4)).toEqual(plan);
    expect(plan.length).toBeGreaterThan(0);
    expect(plan.length).toBeLessThanOrEqual(4);
    for (const { action, trigger } of plan) {
      kinds.add(action.kind);
      if (trigger.kind === "at") expect(trigger.ms).toBeLessThan(run.elapsedMs);
      else expect(trigger).toMatchObject({ kind: "after", eventCount: expect.toSatisfy((n) => n >= 1 && n <= 50) });
    }
  }
  expect([...kinds].sort()).toEqual(
    ["crash", "delay", "fail", "fail-write", "hang", "jump", "kill-process", "slow", "slow-write"].sort(),
  );
});

test("of one kind there is nothing else", () => {
  const plans = Array.from({ length: 50 }, (_, seed) => chaos(new SeededRandom(seed), run, ["process"], 3)).flat();

  expect(new Set(plans.map(({ action }) => action.kind))).toEqual(new Set(["kill-process"]));
});

test("a job whose operators are all on the first thread has no operator to fail", () => {
  const none = { ...run, instances: [] };
  const plans = Array.from({ length: 50 }, (_, seed) => chaos(new SeededRandom(seed), none, ["errors"], 3)).flat();

  expect(plans.some(({ action }) => action.kind === "fail")).toBe(false);
});
