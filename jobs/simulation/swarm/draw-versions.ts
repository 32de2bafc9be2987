/**
 * drawVersions: in one seed of eight, one to three versions of the job, which take its place while it runs, with another parallelism and on
 * other threads. Drawn from a generator of its own, so that the rest of a seed is the same with and without.
 *
 * Not where it is drained, as it is over then, nor where something cannot be opened, which a job that begins says at once. What cannot be shared out stays: positions of sources under at-most-once and of queues, and
 * who is told something by each instance of an operator.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import type { SwarmPlan } from "./swarm-plan.ts";
import type { SwarmVersion } from "./swarm-version.ts";

/** @param plan with everything else */
export function drawVersions(plan: SwarmPlan, eventsMin: number): SwarmPlan {
  const random = new SeededRandom(plan.seed ^ versionSalt);
  if (!random.chance(1 / 8) || !mayHaveVersions(plan)) return plan;
  const names = scalable(plan);
  let afterEvents = 0;
  const versions = Array.from({ length: random.pick([1, 1, 2, 3]) }, (): SwarmVersion => {
    afterEvents += random.between(20, eventsMin / 3);
    const changed = names.filter(() => random.chance(0.6));
    return {
      afterEvents,
      by: random.pick(["stop", "cancel"]),
      threads: random.between(1, 4),
      parallelism: Object.fromEntries(changed.map((name) => [name, random.between(1, 4)])),
    };
  });
  if (plan.time === undefined) return { ...plan, versions };
  return { ...plan, versions, time: { ...plan.time, apartMs: random.pick([0, 5_000, -400, -5_000]) } };
}

export function mayHaveVersions({ drainAfterEvents, faults }: SwarmPlan): boolean {
  return drainAfterEvents === undefined && !faults.some(({ kind }) => kind === "open");
}

function scalable({ guarantee, sources, steps, sinks, time, branches = [] }: SwarmPlan): readonly string[] {
  const areShared = guarantee !== "at-most-once";
  return [
    ...sources.filter(({ acknowledges }) => areShared && acknowledges !== "queue"),
    ...steps.filter((step) => "parallelism" in step),
    ...(time?.steps ?? []).filter((step) => step.kind !== "window" || !step.isUnkeyed),
    ...branches.filter(({ kind }) => kind !== "copies" && kind !== "rules"),
    ...sinks.filter(({ kind }) => kind !== "collect"),
  ].map(({ name }) => name);
}

/** By this one the seeds that are known to notice a mutant draw none, and stay what they were. */
const versionSalt = 0x7e64;
