/**
 * drawCoincidence: faults that strike when something else happens: when inputs end, and while the first thread stands still, so
 * that it hears of several at once. Each was added because a broken step of the protocol went unnoticed without it.
 *
 * It has a generator of its own, so that what else a seed draws stays as it is.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { crash, delay, hang, host, type PlannedFault } from "../fault.ts";
import type { SwarmPlan } from "./swarm-plan.ts";

export function drawCoincidence(plan: Pick<SwarmPlan, "seed" | "threads" | "sources">): PlannedFault[] {
  const random = new SeededRandom(plan.seed ^ coincidenceSalt);
  return [...atTheEnd(random, plan), ...unheard(random, plan)];
}

/** Links are slow when sources end, so that some inputs end long before others, and threads die behind that. */
function atTheEnd(random: SeededRandom, { threads, sources }: Pick<SwarmPlan, "threads" | "sources">): PlannedFault[] {
  if (!random.chance(1 / 3)) return [];
  const ends = sources.map(({ itemCount, burst, gapMs }) => Math.ceil(itemCount / burst) * gapMs);
  const endMs = random.pick(ends);
  const slowMs = random.pick([10, 30]);
  const late = Array.from({ length: random.between(1, 2) }, () =>
    delay(random.between(1, threads), random.between(1, threads), slowMs)
      .for(100)
      .at(Math.max(0, endMs - slowMs)),
  );
  const deaths = Array.from({ length: random.between(1, 3) }, () =>
    crash(host(random.between(1, threads))).at(endMs + random.below(60)),
  );
  return [...late, ...deaths];
}

/** A thread dies, and another one, or its replacement, while the first thread is busy with something else. */
function unheard(random: SeededRandom, { threads }: Pick<SwarmPlan, "threads">): PlannedFault[] {
  if (!random.chance(1 / 3)) return [];
  const atMs = random.between(5, 100);
  const stillFromMs = atMs + random.between(1, 20);
  return [
    crash(host(random.between(1, threads))).at(atMs),
    hang(host(0)).for(stillForMs).at(stillFromMs),
    crash(host(random.between(1, threads))).at(stillFromMs + random.below(stillForMs)),
  ];
}

/** Less than what makes the watchdog of any seed kill a thread, or an epoch be given up. */
const stillForMs = 40;
const coincidenceSalt = 0xc01c;
