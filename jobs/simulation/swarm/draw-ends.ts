/**
 * drawEnds: in one seed of eight, an operator that tells all that came at its end, in pieces, and one behind it that dies in the middle of
 * that. Drawn from a generator of its own, so that the rest of a seed is the same with and without.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { crash } from "../fault.ts";
import type { SwarmPlan, SwarmStep } from "./swarm-plan.ts";

export function drawEnds(plan: SwarmPlan): SwarmPlan {
  const random = new SeededRandom(plan.seed ^ endSalt);
  const names = new Set([...plan.sources, ...plan.steps].map(({ name }) => name));
  const fed = plan.sinks.filter(({ input }) => names.has(input));
  if (fed.length === 0 || !random.chance(1 / 8)) return plan;
  const chosen = random.pick(fed);
  const parallelism = random.between(1, 2);
  const steps: readonly SwarmStep[] = [
    { kind: "hold", name: "held", inputs: [chosen.input], itemsOfPiece: random.pick([1, 3, 20]) },
    {
      ...{ kind: "map", name: "told", inputs: ["held"], parallelism, letter: "" },
      grouping: parallelism === 1 ? "none" : "shuffle",
    },
  ];
  const itemCount = Math.max(...plan.sources.map((source) => source.itemCount));
  const death = crash("told", random.below(parallelism)).after(random.between(1, Math.ceil(itemCount / 2)));
  return {
    ...plan,
    steps: [...plan.steps, ...steps],
    sinks: plan.sinks.map((sink) => (sink === chosen ? { ...sink, input: "told" } : sink)),
    faults: [...plan.faults, { kind: "world", fault: death }],
  };
}

const endSalt = 0xe4d5;
