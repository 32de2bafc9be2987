/**
 * drawSizes: in one seed of eight, operators that work in micro-batches; in one of four, state that is packed beyond a few keys. Drawn from a
 * generator of its own, so that the rest of a seed is the same with and without.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import type { SwarmPlan } from "./swarm-plan.ts";

export function drawSizes(plan: SwarmPlan): SwarmPlan {
  const random = new SeededRandom(plan.seed ^ sizeSalt);
  const microBatch = { intervalMs: random.pick([2, 10, 40]), eventsMax: random.pick([5, 1_000]) };
  const objectKeysMax = random.pick([1, 4, 12]);
  return {
    ...plan,
    ...(random.chance(1 / 8) ? { microBatch } : {}),
    ...(random.chance(1 / 4) ? { objectKeysMax } : {}),
  };
}

/** By this one the seeds that are known to notice a mutant draw none, and stay what they were. */
const sizeSalt = 0xbe4;
