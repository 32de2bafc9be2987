/**
 * drawOddities: what one seed in three has beside its other faults: threads that end themselves, each in its own way, operators
 * that throw what is no error, and some that take nothing for a while. Drawn from a generator of its own, so that the rest of a
 * seed is the same with and without.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { exit, fail, host, overflowHeap, type PlannedFault, stall, strayReject, strayThrow } from "../fault.ts";
import type { ThrownKind } from "../thrown-value.ts";
import { instanceOf, timeIn } from "./draw-faults.ts";
import type { SwarmFault, SwarmPlan } from "./swarm-plan.ts";

/** @param plan with the faults and the pressure that were drawn for it */
export function drawOddities(plan: SwarmPlan): SwarmFault[] {
  const random = new SeededRandom(plan.seed ^ odditySalt);
  if (!random.chance(1 / 3)) return [];
  // A failure at the poisoned event, or at one that equals it, would use up the retries of that.
  const isPoisoned = plan.faults.some(({ kind }) => kind === "poison");
  const drawn = isPoisoned ? kinds.filter((kind) => kind !== "strange") : kinds;
  return Array.from({ length: random.between(1, 2) }, () => ({
    kind: "world",
    fault: draw[random.pick(drawn)](random, plan),
  }));
}

const kinds = ["exit", "throw", "reject", "heap", "strange", "stall"] as const;

const draw: Readonly<Record<(typeof kinds)[number], (random: SeededRandom, plan: SwarmPlan) => PlannedFault>> = {
  exit: (random, plan) => {
    const { operator, instance, event } = instanceOf(random, plan);
    return exit(operator, instance, random.pick([0, 7])).after(event);
  },
  throw: (random, plan) =>
    strayThrow(host(random.between(1, plan.threads)))
      .throwing(random.pick(thrown))
      .at(timeIn(random, plan)),
  reject: (random, plan) =>
    strayReject(host(random.between(1, plan.threads)))
      .throwing(random.pick(thrown))
      .at(timeIn(random, plan)),
  heap: (random, plan) => {
    const { operator, instance, event } = instanceOf(random, plan);
    return overflowHeap(operator, instance).after(event);
  },
  strange: (random, plan) => {
    const { operator, instance, event } = instanceOf(random, plan);
    return fail(operator, instance).throwing(random.pick(strange)).after(event);
  },
  stall: (random, plan) => {
    const { operator, instance } = instanceOf(random, plan);
    const { epochTimeoutMs } = plan.pressure;
    const forMs = random.pick(epochTimeoutMs === undefined ? [50, 500, 2_000] : [20, 50, 100]);
    return stall(operator, instance).for(forMs).at(timeIn(random, plan));
  },
};

/** A huge one takes as long as many seeds; fault-kinds.test.ts has it. */
const strange: readonly ThrownKind[] = ["null", "undefined", "string", "proxy", "unclonable"];
const thrown: readonly ThrownKind[] = ["error", ...strange];
const odditySalt = 0x0dd5;
