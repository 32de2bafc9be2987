import { expect, test } from "vitest";
import { crash, host, killProcess } from "../fault.ts";
import { idsOfAction, idsOfDeath, idsOfTrouble } from "./catalogue-ids.ts";
import { drawPlan } from "./draw-plan.ts";
import { simulatedFaults } from "./simulated-faults.ts";
import type { SwarmFault } from "./swarm-plan.ts";
import { type SeedSummary, SwarmTally } from "./swarm-tally.ts";

function summary(struck: readonly string[], isBroken = false): SeedSummary {
  const counts = new Map(struck.map((id) => [id, 1]));
  return {
    seed: 1,
    guarantee: "exactly-once",
    violations: isBroken ? [{ invariant: "I1", message: "lost" }] : [],
    faultCount: struck.length,
    events: 400,
    struck: counts,
    recovered: isBroken ? new Map() : counts,
  };
}

test("a fault that struck and was never recovered from is told, once there were enough seeds", () => {
  const tally = new SwarmTally();
  const [unlucky, ...others] = simulatedFaults as [string, ...string[]];

  for (let seed = 0; seed < 100; seed += 1) tally.add(summary(others));
  expect(tally.uncovered()).toEqual([]);
  for (let seed = 0; seed < 500; seed += 1) tally.add(summary([...others, unlucky], true));

  expect(tally.uncovered()).toEqual([unlucky]);
  expect(tally.failed).toHaveLength(500);
});

test("a seed with too few faults is told: it says little", () => {
  const tally = new SwarmTally();
  tally.add(summary(["F01", "F02", "F03", "F04", "F05"]));
  tally.add({ ...summary(["F01", "F02", "F03", "F04"]), seed: 2 });

  expect(tally.easy).toEqual([2]);
});

test("every drawn fault is one of the catalogue", () => {
  const ids = Array.from({ length: 300 }, (_, seed) => drawPlan(seed).faults.flatMap(idsOf)).flat();

  expect(new Set([...ids, "F09", "F31", "F37", "F45"])).toEqual(new Set(simulatedFaults));
});

function idsOf(fault: SwarmFault): readonly string[] {
  switch (fault.kind) {
    case "world":
      return idsOfAction(fault.fault.action);
    case "point":
      return [killProcess(), crash(host(1))].flatMap(({ action }) => idsOfDeath(action));
    default:
      return idsOfTrouble(fault);
  }
}
