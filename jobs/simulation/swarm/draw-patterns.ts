/**
 * drawPatterns: in half of the seeds with event time that are never idle, a pattern, and faults that strike it. Drawn from a generator of its own,
 * so that the rest of a seed is the same with and without.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { timelyFlows } from "./draw-branches.ts";
import { timedFaults, timedSink } from "./draw-time.ts";
import type { SwarmMatchStep } from "./swarm-match.ts";
import type { SwarmPlan } from "./swarm-plan.ts";

/** @param plan with its branches */
export function drawPatterns(plan: SwarmPlan): SwarmPlan {
  const { time, sinks, faults, guarantee } = plan;
  const random = new SeededRandom(plan.seed ^ patternSalt);
  if (time === undefined || time.idleAfterMs !== undefined || !random.chance(1 / 2)) return plan;
  const step: SwarmMatchStep = {
    kind: "match",
    name: "match",
    input: random.pick(timelyFlows(plan)),
    parallelism: random.between(1, 3),
    // Where events are lost or repeated, some are without a partner that have one, and others stand together.
    form: guarantee === "exactly-once" ? random.pick(["pairs", "alone", "threes"]) : "pairs",
    withinMs: random.pick([10, 60, 1_000]),
    stride: random.pick([1, 3]),
  };
  return {
    ...plan,
    time: { ...time, steps: [...time.steps, step] },
    sinks: [...sinks, timedSink(random, step)],
    faults: [...faults, ...timedFaults(random, [step], plan)],
  };
}

/** By this one the seeds that are known to notice a mutant draw none, and stay what they were. */
const patternSalt = 0x3b0;
