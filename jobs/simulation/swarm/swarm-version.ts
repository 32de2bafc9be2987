/** SwarmVersion: a version of the job of a plan that takes the place of the one before: other parallelism, other threads. */

import type { SwarmPlan } from "./swarm-plan.ts";

export interface SwarmVersion {
  /** How many events its sources have emitted when the one before ends. */
  readonly afterEvents: number;
  readonly by: "stop" | "cancel";
  readonly threads: number;
  /** By the names of sources, steps, branches and sinks; the others have that of the first version. */
  readonly parallelism: Readonly<Record<string, number>>;
}

/** The plan of a version. */
export function planOf(plan: SwarmPlan, { threads, parallelism }: SwarmVersion): SwarmPlan {
  const now = <T extends { readonly name: string }>(each: T): T =>
    parallelism[each.name] === undefined ? each : { ...each, parallelism: parallelism[each.name] };
  return {
    ...plan,
    threads,
    // What it emits is cut as before.
    sources: plan.sources.map((source) => ({ ...source, instances: parallelism[source.name] ?? source.parallelism })),
    steps: plan.steps.map(now),
    sinks: plan.sinks.map(now),
    ...(plan.branches === undefined ? {} : { branches: plan.branches.map(now) }),
    ...(plan.time === undefined ? {} : { time: { ...plan.time, steps: plan.time.steps.map(now) } }),
  };
}

/** The plans of all versions, the first one among them. */
export function plansOf(plan: SwarmPlan): readonly SwarmPlan[] {
  return [plan, ...(plan.versions ?? []).map((version) => planOf(plan, version))];
}
