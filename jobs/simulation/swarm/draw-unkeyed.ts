/**
 * drawUnkeyed: in half of the seeds with event time, a window of all events, which are put together on their way to its one instance, and
 * faults that strike it. Drawn from a generator of its own, so that the rest of a seed is the same with and without.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { timelyFlows } from "./draw-branches.ts";
import { drawWindow, timedFaults, timedSink } from "./draw-time.ts";
import type { SwarmPlan } from "./swarm-plan.ts";

/** @param plan with its branches */
export function drawUnkeyed(plan: SwarmPlan): SwarmPlan {
  const { time, sinks, faults } = plan;
  const random = new SeededRandom(plan.seed ^ unkeyedSalt);
  if (time === undefined || !random.chance(1 / 2)) return plan;
  const drawn = drawWindow(random, time.steps.length, timelyFlows(plan), time.idleAfterMs !== undefined);
  const step = { ...drawn, name: "window-of-all", parallelism: 1, isUnkeyed: true };
  return {
    ...plan,
    time: { ...time, steps: [...time.steps, step] },
    sinks: [...sinks, timedSink(random, step)],
    faults: [...faults, ...timedFaults(random, [step], plan)],
  };
}

/** By this one the seeds that are known to notice a mutant draw none, and stay what they were. */
const unkeyedSalt = 0xa81;
