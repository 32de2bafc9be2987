/**
 * drawAcknowledging: in one seed of four, sources that acknowledge what they have read, to a log or to a queue, and acknowledgements that
 * fail. Drawn from a generator of its own.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import type { SwarmFault, SwarmPlan } from "./swarm-plan.ts";

/** @param plan with everything else */
export function drawAcknowledging(plan: SwarmPlan): SwarmPlan {
  const random = new SeededRandom(plan.seed ^ acknowledgingSalt);
  if (!random.chance(1 / 4)) return plan;
  const sources = plan.sources.map((source) =>
    source.form === "paced" ? { ...source, acknowledges: random.pick(["log", "queue"] as const) } : source,
  );
  const names = sources.filter(({ form }) => form === "paced").map(({ name }) => name);
  const faults = names
    .filter(() => random.chance(1 / 2))
    .map(
      (source): SwarmFault => ({
        kind: "acknowledge",
        source,
        call: random.between(1, 10),
        isLate: random.chance(0.5),
      }),
    );
  return { ...plan, sources, faults: [...plan.faults, ...faults] };
}

/** By this one the seeds that are known to notice a mutant draw none, and stay what they were. */
const acknowledgingSalt = 0xac54;
