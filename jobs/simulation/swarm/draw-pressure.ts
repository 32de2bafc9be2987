/**
 * drawPressure: what makes a seed hard without being a fault by itself: budgets that are spent, epochs that are given up soon,
 * a store and a first thread that are slow, and failures that come on top of others. Each was added because a broken step of
 * the protocol went unnoticed without it.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { crash, delay, host, type PlannedFault, slowWrite } from "../fault.ts";
import { drawCoincidence } from "./draw-coincidence.ts";
import type { SwarmPlan, SwarmPressure } from "./swarm-plan.ts";

/** @param plan with the faults that were drawn for it */
export function drawPressure(plan: Omit<SwarmPlan, "pressure">): SwarmPressure {
  const random = new SeededRandom(plan.seed ^ pressureSalt);
  const isTight = random.chance(1 / 3) && plan.guarantee !== "at-most-once";
  const isImpatient = random.chance(1 / 3) && !plan.faults.some(standsStill);
  return {
    restartsMax: isTight ? random.between(0, 2) : restartsMaxDefault,
    restartsWithinMs: isTight ? random.pick([20, 100]) : 60_000,
    epochTimeoutMs: isImpatient ? epochTimeoutMs : undefined,
    faults: [...latency(random, plan), ...burst(random, plan), ...drawCoincidence(plan)],
  };
}

/** The store takes its time as long as the run lasts, or what threads tell the first one does. */
function latency(random: SeededRandom, { threads }: Pick<SwarmPlan, "threads">): PlannedFault[] {
  const faults: PlannedFault[] = [];
  if (random.chance(1 / 3))
    faults.push(
      slowWrite(random.pick([20, 60]))
        .for("10s")
        .at(0),
    );
  if (random.chance(1 / 3)) {
    const by = random.pick([3, 15, 50]);
    faults.push(
      delay(random.between(1, threads), 0, by)
        .for(random.pick([50, 300]))
        .at(random.below(100)),
    );
  }
  return faults;
}

/** Threads that die one after the other, so that a recovery is not over when the next one begins. */
function burst(random: SeededRandom, { threads }: Pick<SwarmPlan, "threads">): PlannedFault[] {
  if (random.chance(0.5)) return [];
  const atMs = random.between(10, 120);
  const gapMs = random.pick([2, 10, 40]);
  return Array.from({ length: random.between(2, 3) }, (_, index) =>
    crash(host(random.between(1, threads))).at(atMs + index * gapMs),
  );
}

/** Nothing moves for longer than an epoch is waited for. */
function standsStill(fault: SwarmPlan["faults"][number]): boolean {
  return fault.kind === "world" && fault.fault.action.kind === "hang" && fault.fault.action.forMs > epochTimeoutMs;
}

/** Enough for every fault of a plan. */
const restartsMaxDefault = 1_000;
/** Half as long as the shortest silence that gives up so many epochs in a row that the run fails. */
const epochTimeoutMs = 150;
const pressureSalt = 0x9e55;
