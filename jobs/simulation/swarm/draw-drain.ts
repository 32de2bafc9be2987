/**
 * drawDrain: in one seed of ten, a job that is drained before its sources have come to their end, and that reads twice as much
 * otherwise. Drawn from a generator of its own.
 *
 * Not with event time, as windows are cut where it ends; not under at-least-once, where a source that starts over while the job is
 * drained stops at the last checkpoint, behind which it has emitted something, which the next run will read; and not where too few faults
 * would strike before.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { certainFaults, swarmFaultsMin } from "./draw-remainder.ts";
import type { SwarmPlan, SwarmSource } from "./swarm-plan.ts";

/** @param eventsMin that are emitted before, at least */
export function drawDrain(plan: SwarmPlan, eventsMin: number): SwarmPlan {
  const random = new SeededRandom(plan.seed ^ drainSalt);
  if (plan.time !== undefined || plan.guarantee === "at-least-once" || !random.chance(1 / 10)) return plan;
  const sources = plan.sources.map((source) => ({ ...source, itemCount: 2 * source.itemCount }));
  const drainAfterEvents = random.between(eventsMin, 2 * eventsMin);
  if (certainFaults(plan, earliestMs(sources, drainAfterEvents)) < swarmFaultsMin) return plan;
  return { ...plan, sources, drainAfterEvents };
}

/** When so many events have been emitted, where nothing holds them up. */
function earliestMs(sources: readonly SwarmSource[], events: number): number {
  const emitted = (ms: number) =>
    sources.reduce((sum, { itemCount, parallelism, burst, gapMs }) => {
      return sum + parallelism * Math.min(itemCount, burst * (Math.floor(ms / gapMs) + 1));
    }, 0);
  let ms = 0;
  while (emitted(ms) < events) ms += 1;
  return ms;
}

const drainSalt = 0xd4a1;
