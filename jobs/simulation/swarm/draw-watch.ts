/**
 * drawWatch: in half of the seeds with event time, in which no event is late, an operator that says of each event whether it came behind event time, with as many
 * instances as what it is behind, and a version in which only one of both has another number of them. Drawn from a generator of its own, so that
 * the rest of a seed is the same with and without.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { timelyFlows } from "./draw-branches.ts";
import { timedFaults, timedSink } from "./draw-time.ts";
import { mayHaveVersions } from "./draw-versions.ts";
import type { SwarmPlan, SwarmTimedStep } from "./swarm-plan.ts";
import type { SwarmVersion } from "./swarm-version.ts";

/** @param plan with its versions */
export function drawWatch(plan: SwarmPlan, eventsMin: number): SwarmPlan {
  const { time, guarantee, sinks, faults } = plan;
  const random = new SeededRandom(plan.seed ^ watchSalt);
  if (time === undefined || time.idleAfterMs !== undefined || guarantee !== "exactly-once") return plan;
  if (!random.chance(1 / 2)) return plan;
  const source = random.pick(plan.sources);
  const input = random.chance(1 / 2) ? source.name : random.pick(timelyFlows(plan));
  const step: SwarmTimedStep = { kind: "watch", name: "watch", input, parallelism: source.parallelism };
  const watched = {
    ...plan,
    time: { ...time, steps: [...time.steps, step] },
    sinks: [...sinks, timedSink(random, step)],
    faults: [...faults, ...timedFaults(random, [step], plan)],
  };
  if (plan.versions !== undefined || !mayHaveVersions(plan)) return watched;
  const scaled = plan.sources.filter(({ acknowledges }) => acknowledges !== "queue").map(({ name }) => name);
  let afterEvents = 0;
  const versions = Array.from({ length: random.between(1, 2) }, (): SwarmVersion => {
    afterEvents += random.between(20, eventsMin / 3);
    const changed = random.chance(2 / 3) ? scaled : [step.name];
    return {
      afterEvents,
      by: random.pick(["stop", "cancel"]),
      threads: random.between(1, 4),
      parallelism: Object.fromEntries(changed.map((name) => [name, random.between(1, 4)])),
    };
  });
  return { ...watched, versions, time: { ...watched.time, apartMs: random.pick([0, 5_000, -400, -5_000]) } };
}

/** By this one the seeds that are known to notice a mutant draw none, and stay what they were. */
const watchSalt = 0x100;
