/**
 * drawFirstReads: in one seed of two, sources that fail as soon as they are read again, while those around them still start over
 * with them. Drawn from a generator of its own, so that the rest of a seed is the same with and without.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import type { SwarmFault, SwarmPlan } from "./swarm-plan.ts";

export function drawFirstReads({ seed, sources }: Pick<SwarmPlan, "seed" | "sources">): SwarmFault[] {
  const random = new SeededRandom(seed ^ firstReadSalt);
  // What is generated calls no function of the job to be read.
  const read = sources.filter(({ form }) => form === "paced");
  if (!random.chance(1 / 2) || read.length === 0) return [];
  return Array.from({ length: random.between(2, 4) }, () => {
    const { name, parallelism } = random.pick(read);
    return { kind: "first-read", source: name, start: parallelism + random.between(1, 3) };
  });
}

const firstReadSalt = 0xf125;
