/**
 * swarmSeed: one seed of the swarm: draws a job and what goes wrong with it, runs that on the code of production in a
 * simulated world, and holds what comes out against the model of the job.
 */

import { objectKeysMax, withObjectKeysMax } from "../../../actors/index.ts";
import type { Guarantee } from "../../epochs/guarantee.ts";
import { jobBackoff } from "../../run/job-restarts.ts";
import { recoveryMsMax, slowRecovery } from "../invariants/progress-invariants.ts";
import type { Violation } from "../invariants/violation.ts";
import { simulate } from "../simulate.ts";
import type { Simulation } from "../simulation.ts";
import { AcknowledgedInputs } from "./acknowledged-inputs.ts";
import { idsOfAction, idsOfDeath, idsOfTrouble } from "./catalogue-ids.ts";
import { drainedModel } from "./drained-model.ts";
import { drawPlan } from "./draw-plan.ts";
import { swarmJob } from "./swarm-job.ts";
import { swarmModel } from "./swarm-model.ts";
import type { SwarmItem, SwarmPlan, SwarmSource } from "./swarm-plan.ts";
import { SwarmReach } from "./swarm-reach.ts";
import { SwarmTarget } from "./swarm-target.ts";
import { SwarmTroubles } from "./swarm-troubles.ts";
import { planOf, type SwarmVersion } from "./swarm-version.ts";
import { swarmViolations } from "./swarm-violations.ts";

export interface SwarmSeedOptions {
  /** Drawn when absent. */
  readonly guarantee?: Guarantee;
  /** Run instead of the plan of the seed: a shrunk one, say. */
  readonly plan?: SwarmPlan;
  /** Whether the lines of the history are kept. Default false. */
  readonly history?: boolean;
}

export interface SwarmSeedResult {
  readonly seed: number;
  readonly guarantee: Guarantee;
  readonly plan: SwarmPlan;
  /** Empty when everything held that is promised. */
  readonly violations: readonly Violation[];
  /** How many faults struck. */
  readonly faultCount: number;
  /** Which entries of the fault catalogue struck, and how often. */
  readonly struck: ReadonlyMap<string, number>;
  /** Those of them that the job has recovered from: it has ended, and holds what was promised. */
  readonly recovered: ReadonlyMap<string, number>;
  /** Events that the sources have emitted. */
  readonly events: number;
  readonly historyHash: string;
  readonly simulation: Simulation;
}

export async function swarmSeed(seed: number, options: SwarmSeedOptions = {}): Promise<SwarmSeedResult> {
  const plan = options.plan ?? drawPlan(seed, options.guarantee);
  const { drainAfterEvents } = plan;
  const troubles = new SwarmTroubles(plan.faults);
  const reach = new SwarmReach();
  const acknowledged = new AcknowledgedInputs(plan, troubles);
  const targets = new Map(
    plan.sinks.filter(({ kind }) => kind !== "collect").map((sink) => [sink.name, new SwarmTarget(sink, troubles)]),
  );
  const jobOf = (version: SwarmPlan) => swarmJob(version, targets, troubles, reach, acknowledged);
  const simulation = await withObjectKeysMax(plan.objectKeysMax ?? objectKeysMax(), () =>
    simulate(jobOf(plan), {
      seed: plan.seed,
      guarantee: plan.guarantee,
      threads: plan.threads,
      hangLimit: plan.hangLimitMs,
      creditEvents: plan.creditEvents,
      epochInterval: plan.epochIntervalMs,
      retentionBytes: plan.retentionBytes,
      jobRestarts: { max: jobRestartsMax, within: "1m" },
      ...(plan.pressure.epochTimeoutMs === undefined ? {} : { epochTimeout: plan.pressure.epochTimeoutMs }),
      faults: [
        ...plan.faults.flatMap((fault) => (fault.kind === "world" ? [fault.fault] : [])),
        ...plan.pressure.faults,
      ],
      deaths: plan.faults.filter((fault) => fault.kind === "point"),
      versions: (plan.versions ?? []).map((version) => ({
        definition: jobOf(planOf(plan, version)),
        threads: version.threads,
        by: version.by,
        when: dueAfter(version, plan, reach),
      })),
      ...(drainAfterEvents === undefined ? {} : { until: () => reach.eventCount >= drainAfterEvents }),
      limit: "3m",
      quietAfter: "10s",
      history: options.history ?? false,
      // No function of these jobs changes an event.
      freeze: false,
    }),
  );
  const shown = new Map(
    plan.sinks.map(({ name }) => [name, targets.get(name)?.shown ?? simulation.collected<SwarmItem>(name)]),
  );
  const violations = violationsOf(plan, simulation, shown, targets, acknowledged, troubles.struck.length > 0);
  const ids = [
    ...simulation.struck.map(({ action, point }) => (point === undefined ? idsOfAction(action) : idsOfDeath(action))),
    ...troubles.struck.map(idsOfTrouble),
  ];
  const struck = tally([
    ...ids.flat(),
    ...(manyDied(simulation) ? ["F09"] : []),
    ...(plan.time === undefined ? [] : ["F45"]),
    ...(plan.drainAfterEvents === undefined ? [] : ["F31"]),
    ...(plan.versions === undefined ? [] : ["F37"]),
  ]);
  return {
    seed,
    guarantee: plan.guarantee,
    plan,
    violations,
    faultCount: ids.length,
    struck,
    recovered: violations.length === 0 ? struck : new Map(),
    events: reach.eventCount,
    historyHash: simulation.historyHash,
    simulation,
  };
}

/**
 * When a version is due: with event time, not before a checkpoint has an event of each split of each share. One that begins behind the others
 * would be late.
 */
function dueAfter({ afterEvents }: SwarmVersion, { time, sources, guarantee }: SwarmPlan, reach: SwarmReach) {
  const splitCount = time === undefined || guarantee === "at-most-once" ? 0 : time.splitCount;
  return (positionsOf: (source: string) => readonly unknown[]): boolean => {
    if (reach.eventCount < afterEvents) return false;
    return splitCount === 0 || sources.every((source) => haveRead(source, positionsOf(source.name), splitCount));
  };
}

/** Whether each share has read so many events; where another version reads the shares, it has. */
function haveRead({ parallelism, form }: SwarmSource, positions: readonly unknown[], eventCount: number): boolean {
  if (positions.length !== parallelism) return true;
  const stride = form === "generated" ? parallelism : 1;
  return positions.every((position) => typeof position === "number" && position >= eventCount * stride);
}

function violationsOf(
  plan: SwarmPlan,
  simulation: Simulation,
  shown: ReadonlyMap<string, readonly SwarmItem[]>,
  targets: ReadonlyMap<string, SwarmTarget>,
  acknowledged: AcknowledgedInputs,
  hasTroubles: boolean,
): readonly Violation[] {
  const violations = [...simulation.violations];
  for (const message of acknowledged.early) violations.push({ invariant: "I9", message });
  if (simulation.status !== "completed") return violations;
  violations.push(...slowRecovery(simulation.calmMs, recoveryMsMax + openBackoffMs(plan)));
  const whole = swarmModel(plan);
  const model = plan.drainAfterEvents === undefined ? whole : drainedModel(whole, shown);
  for (const [name, flow] of model) {
    const plain = plan.sinks.find((sink) => sink.name === name && sink.kind === "plain");
    // What took effect outside of the job is not taken back when it comes again, and several calls end in any order.
    const guarantee = plain !== undefined && plan.guarantee === "exactly-once" ? "at-least-once" : plan.guarantee;
    const isOrdered = flow.isOrdered && (plain?.eventsMax ?? 1) === 1;
    violations.push(...swarmViolations(name, shown.get(name) ?? [], { ...flow, isOrdered }, guarantee));
  }
  for (const { disorder } of targets.values()) {
    for (const message of disorder) violations.push({ invariant: "I4", message });
  }
  if (plan.drainAfterEvents === undefined && !hasTroubles) {
    for (const message of acknowledged.left(calmFromMs(plan, simulation)))
      violations.push({ invariant: "I7", message });
  }
  return violations;
}

/** When whoever was lost to the last fault in the world has been replaced: by that time a thread that hangs is. */
function calmFromMs({ hangLimitMs }: SwarmPlan, { struck }: Simulation): number {
  return Math.max(0, ...struck.map(({ atMs }) => atMs)) + hangLimitMs;
}

/**
 * How long a job may wait before its next start while operators fail to open: by the backoff of restarts of a job, one for each
 * failure. They strike within the job, so that the calm behind the last fault does not begin with them.
 */
function openBackoffMs({ faults }: SwarmPlan): number {
  const failures = faults.reduce((sum, fault) => sum + (fault.kind === "open" ? fault.times : 0), 0);
  const { minMs, maxMs, factor, jitter } = jobBackoff;
  let waitMs = 0;
  for (let failure = 0; failure < failures; failure += 1) waitMs += Math.min(maxMs, minMs * factor ** failure);
  return waitMs * (1 + jitter);
}

/** Whether several threads died within the same ms. */
function manyDied({ struck }: Simulation): boolean {
  const times = struck.filter(({ action }) => action.kind === "crash").map(({ atMs }) => Math.floor(atMs));
  return new Set(times).size < times.length;
}

function tally(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

const jobRestartsMax = 1_000;
