/**
 * simulateSeeds: runs a job once without faults, then under the faults of many seeds, and holds the output of each against that
 * of the first. Tells each violation with what is needed to see it again.
 */

import { SeededRandom } from "../../runtime/index.ts";
import type { JobDefinition } from "../define-job.ts";
import { buildGraph } from "../define-job.ts";
import { type CalmRun, type ChaosKind, chaos } from "./chaos.ts";
import type { PlannedFault } from "./fault.ts";
import { outputViolations } from "./invariants/output-invariants.ts";
import { recoveryMsMax, slowRecovery } from "./invariants/progress-invariants.ts";
import type { Violation } from "./invariants/violation.ts";
import { shrinkFaults } from "./shrink-faults.ts";
import { simulate } from "./simulate.ts";
import type { SimulateOptions, Simulation } from "./simulation.ts";

export interface SimulateSeedsOptions<P> extends Omit<SimulateOptions<P>, "seed" | "faults"> {
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly kinds: readonly ChaosKind[];
  /** Faults of one seed, at most. Default 5. */
  readonly faultCountMax?: number;
  /** Of the faults that a seed draws only those with these numbers, from 1. Default: all. */
  readonly only?: readonly number[];
  /** Whether the first seed with violations is run again with ever fewer faults, to see which it takes. Default true. */
  readonly minimise?: boolean;
  /** Told of the run without faults, which the others are compared with. */
  readonly onCalm?: (simulation: Simulation) => void;
  /** Told after each seed; false ends the runs. */
  readonly onSeed?: (result: SeedResult) => boolean;
}

export interface SeedResult {
  readonly seed: number;
  /** What did not hold; empty when all did. */
  readonly violations: readonly Violation[];
  readonly simulation: Simulation;
  /** What the seed has drawn, or what `only` leaves of it. */
  readonly faults: readonly PlannedFault[];
  /** Those of them that it takes to break what did not hold; undefined where nobody has looked for them. */
  readonly minimalFaults?: readonly PlannedFault[];
}

/** Resolves to the results of the seeds with violations. Rejects with what the job or an option was refused for. */
export async function simulateSeeds<P>(
  definition: JobDefinition<P>,
  options: SimulateSeedsOptions<P>,
): Promise<readonly SeedResult[]> {
  const { firstSeed, seedCount, onCalm, onSeed, minimise = true } = options;
  const calm = await calmRun(definition, options);
  onCalm?.(calm.simulation);
  const failed: SeedResult[] = [];
  for (let seed = firstSeed; seed < firstSeed + seedCount; seed += 1) {
    const drawn = faultsOf(options, calm, seed);
    let result = await runSeed(definition, options, calm, seed, drawn);
    if ((seed - firstSeed) % repeatedEvery === 0) result = await repeated(definition, options, calm, result);
    if (result.violations.length > 0) {
      if (minimise && failed.length === 0)
        result = { ...result, minimalFaults: await minimalFaults(definition, options, calm, result) };
      failed.push(result);
    }
    if (onSeed?.(result) === false) break;
  }
  return failed;
}

interface Calm {
  readonly run: CalmRun;
  readonly simulation: Simulation;
  readonly sinks: readonly string[];
}

async function calmRun<P>(definition: JobDefinition<P>, options: SimulateSeedsOptions<P>): Promise<Calm> {
  const simulation = await simulate(definition, { ...simulateOptions(options), seed: calmSeed });
  if (simulation.error !== undefined) throw simulation.error;
  const { nodes } = buildGraph(definition, options.params as P);
  const onThreads = new Set(
    nodes.filter(({ kind, placement }) => kind !== "source" && placement.kind !== "main").map(({ name }) => name),
  );
  const instances = (simulation.report?.operators ?? [])
    .filter(({ name }) => onThreads.has(name))
    .flatMap(({ name, instances }) =>
      instances.map(({ instance, in: eventCount }) => ({ operator: name, instance, eventCount })),
    );
  const run: CalmRun = { elapsedMs: simulation.elapsedMs, threads: options.threads ?? 2, instances };
  return {
    run,
    simulation,
    sinks: nodes
      .filter(({ name, label }) => label === "collect" || options.collect?.includes(name))
      .map(({ name }) => name),
  };
}

function faultsOf<P>(options: SimulateSeedsOptions<P>, { run }: Calm, seed: number): readonly PlannedFault[] {
  const { kinds, faultCountMax = 5, only } = options;
  // Of its own, so that the plan does not depend on what is drawn while the job runs.
  const faults = chaos(new SeededRandom(seed ^ planSeed), run, kinds, faultCountMax);
  return only === undefined ? faults : faults.filter((_, index) => only.includes(index + 1));
}

async function minimalFaults<P>(
  definition: JobDefinition<P>,
  options: SimulateSeedsOptions<P>,
  calm: Calm,
  { seed, faults }: SeedResult,
): Promise<readonly PlannedFault[]> {
  return shrinkFaults(faults, async (fewer) => {
    const { violations } = await runSeed(definition, { ...options, history: false }, calm, seed, fewer);
    return violations.length > 0;
  });
}

async function runSeed<P>(
  definition: JobDefinition<P>,
  options: SimulateSeedsOptions<P>,
  { simulation: calm, sinks }: Calm,
  seed: number,
  faults: readonly PlannedFault[],
): Promise<SeedResult> {
  const guarantee = options.guarantee ?? "exactly-once";
  const simulation = await simulate(definition, { ...simulateOptions(options), seed, faults });
  const violations = [...simulation.violations];
  if (simulation.status === "completed") {
    violations.push(...slowRecovery(simulation.calmMs, recoveryMsMax + 2 * calm.elapsedMs));
    for (const sink of sinks) {
      const output = { sink, expected: calm.collected(sink), actual: simulation.collected(sink), keyOf: undefined };
      violations.push(...outputViolations(output, guarantee));
    }
  }
  return { seed, violations, simulation, faults };
}

/** I10: a seed is one history. */
async function repeated<P>(
  definition: JobDefinition<P>,
  options: SimulateSeedsOptions<P>,
  calm: Calm,
  result: SeedResult,
): Promise<SeedResult> {
  const again = await runSeed(definition, options, calm, result.seed, result.faults);
  const [first, second] = [result.simulation.historyHash, again.simulation.historyHash];
  if (first === second) return result;
  const message = `run again it has another history (${first} and ${second}): the job waits for something real, or keeps something between runs`;
  return { ...result, violations: [...result.violations, { invariant: "I10", message }] };
}

function simulateOptions<P>(options: SimulateSeedsOptions<P>): Omit<SimulateOptions<P>, "seed"> {
  const { firstSeed, seedCount, kinds, faultCountMax, only, minimise, onCalm, onSeed, ...simulated } = options;
  return simulated;
}

const planSeed = 0x5eed;
/** One seed in so many is run twice. */
const repeatedEvery = 50;
/** The same for all, so that a seed has the same plan whichever was the first. */
const calmSeed = 0;
