import { expect, test } from "vitest";
import { drawPlan } from "./draw-plan.ts";
import { shrinkPlan } from "./shrink-plan.ts";
import type { SwarmPlan } from "./swarm-plan.ts";
import { swarmSeed } from "./swarm-seed.ts";

/** A bug that two things make together: a counting step, and a thread that dies. */
function isBroken({ steps, faults }: SwarmPlan): boolean {
  const counts = steps.some(({ kind }) => kind === "scan" || kind === "process");
  return counts && faults.some((fault) => fault.kind === "world" && fault.fault.action.kind === "crash");
}

test("a failing plan is made smaller until nothing can be left out, and is a job that runs", async () => {
  const plans = Array.from({ length: 60 }, (_, seed) => drawPlan(seed)).filter(isBroken);
  expect(plans.length).toBeGreaterThan(5);
  for (const plan of plans) {
    const shrunk = await shrinkPlan(plan, async (smaller) => isBroken(smaller), 1_000);

    expect(isBroken(shrunk)).toBe(true);
    expect(shrunk.faults).toHaveLength(1);
    expect(shrunk.threads).toBe(1);
    expect(shrunk.sources.every(({ itemCount }) => itemCount === 1)).toBe(true);
    expect(shrunk.steps.length).toBeLessThanOrEqual(plan.steps.length);
    const { violations } = await swarmSeed(plan.seed, { plan: { ...shrunk, faults: [] } });
    expect(violations, `seed ${plan.seed}`).toEqual([]);
  }
});

test("takes no more runs than it may", async () => {
  let runs = 0;
  const plan = drawPlan(1);

  await shrinkPlan(
    plan,
    async () => {
      runs += 1;
      return true;
    },
    5,
  );

  expect(runs).toBe(5);
});
