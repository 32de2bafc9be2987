/**
 * drawRemainder: what a seed still lacks to the faults that each has at least: others wait for an event or a call that its run may
 * never come to, these strike at a time. Drawn from a generator of its own.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { crash, delay, hang, host, type PlannedFault, slow } from "../fault.ts";
import { longestMs, timeIn } from "./draw-faults.ts";
import type { SwarmFault, SwarmPlan } from "./swarm-plan.ts";

/** Faults that strike in each seed, at least. */
export const swarmFaultsMin = 5;

/** @param plan with all its other faults */
export function drawRemainder(plan: SwarmPlan): SwarmFault[] {
  const random = new SeededRandom(plan.seed ^ remainderSalt);
  return Array.from({ length: Math.max(0, swarmFaultsMin - certainFaults(plan, longestMs(plan))) }, () => ({
    kind: "world",
    fault: random.pick(draw)(random, plan),
  }));
}

/** How many of its faults strike at a time before `endMs`. */
export function certainFaults({ faults, pressure }: SwarmPlan, endMs: number): number {
  const inWorld = [...faults.flatMap((fault) => (fault.kind === "world" ? [fault.fault] : [])), ...pressure.faults];
  return inWorld.filter(({ trigger }) => trigger.kind === "at" && trigger.ms < endMs).length;
}

const draw: readonly ((random: SeededRandom, plan: SwarmPlan) => PlannedFault)[] = [
  (random, plan) => crash(host(random.between(1, plan.threads))).at(timeIn(random, plan)),
  (random, plan) =>
    delay(random.between(0, plan.threads), random.between(1, plan.threads), random.pick([2, 20]))
      .for(20)
      .at(timeIn(random, plan)),
  (random, plan) =>
    hang(host(random.between(1, plan.threads)))
      .for(20)
      .at(timeIn(random, plan)),
  (random, plan) =>
    slow(host(random.between(1, plan.threads)), 1)
      .for(50)
      .at(timeIn(random, plan)),
];
const remainderSalt = 0x4e57;
