/**
 * drawPlan: the plan of a seed: a topology of sources, chains, forks, diamonds, joins and several groupings and parallelisms,
 * the sizes of what is bounded, and faults. Each seed draws its own rates and sizes, because a swarm whose members are all
 * average finds what is average (Groce et al., Swarm Testing, 2012).
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { type Guarantee, guarantees } from "../../epochs/guarantee.ts";
import { drawAcknowledging } from "./draw-acknowledging.ts";
import { drawBranches } from "./draw-branches.ts";
import { drawDeaths } from "./draw-deaths.ts";
import { drawDrain } from "./draw-drain.ts";
import { drawEnds } from "./draw-ends.ts";
import { drawFaults } from "./draw-faults.ts";
import { drawFirstReads } from "./draw-first-reads.ts";
import { drawOddities } from "./draw-oddities.ts";
import { drawPatterns } from "./draw-patterns.ts";
import { drawPressure } from "./draw-pressure.ts";
import { drawRemainder } from "./draw-remainder.ts";
import { drawSizes } from "./draw-sizes.ts";
import { drawTime } from "./draw-time.ts";
import { drawUnkeyed } from "./draw-unkeyed.ts";
import { drawVersions } from "./draw-versions.ts";
import { drawWatch } from "./draw-watch.ts";
import type { SwarmPlan, SwarmSink, SwarmSource, SwarmStep } from "./swarm-plan.ts";

/** Events of a seed, over all its sources, at least. */
export const swarmEventsMin = 400;

/** @param guarantee drawn when it is not given */
export function drawPlan(seed: number, guarantee?: Guarantee): SwarmPlan {
  const random = new SeededRandom(seed ^ planSalt);
  const drawn = random.pick(guarantees);
  const sources = paced(seed, drawSources(random));
  const steps = drawSteps(random, sources);
  const calm: Omit<SwarmPlan, "pressure"> = {
    seed,
    guarantee: guarantee ?? drawn,
    threads: random.between(1, 4),
    hangLimitMs: random.pick([200, 400]),
    creditEvents: random.pick([1, 7, 32, 64, 512, 8_192]),
    epochIntervalMs: random.pick([3, 10, 30]),
    retentionBytes: random.pick([4_096, 20_000, 1_000_000]),
    backoffMs: random.pick([0, 5]),
    sources,
    steps,
    sinks: drawSinks(random, sources, steps),
    faults: [],
  };
  const faulty = { ...calm, faults: drawFaults(random, calm) };
  const plan: SwarmPlan = { ...faulty, pressure: drawPressure(faulty) };
  const odd = {
    ...plan,
    faults: [...plan.faults, ...drawOddities(plan), ...drawDeaths(plan), ...drawFirstReads(plan)],
  };
  const timed = withTime({ ...odd, faults: [...odd.faults, ...drawRemainder(odd)] });
  const branched = drawBranches(drawAcknowledging(drawDrain(drawEnds(timed), swarmEventsMin)));
  const sized = drawSizes(drawPatterns(drawUnkeyed(branched)));
  return drawWatch(drawVersions(sized, swarmEventsMin), swarmEventsMin);
}

function withTime(plan: SwarmPlan): SwarmPlan {
  const drawn = drawTime(plan);
  if (drawn === undefined) return plan;
  const { time, sinks, faults } = drawn;
  return { ...plan, time, sinks: [...plan.sinks, ...sinks], faults: [...plan.faults, ...faults] };
}

/** Names of the flows that nothing consumes yet: each gets a sink. */
function openFlows(sources: readonly SwarmSource[], steps: readonly SwarmStep[]): string[] {
  const consumed = new Set(steps.flatMap(({ inputs }) => inputs));
  return [...sources, ...steps].map(({ name }) => name).filter((name) => !consumed.has(name));
}

function drawSources(random: SeededRandom): SwarmSource[] {
  const shapes = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.between(1, 2));
  const instanceCount = shapes.reduce((sum, parallelism) => sum + parallelism, 0);
  const itemCount = Math.ceil((swarmEventsMin + random.below(100)) / instanceCount);
  return shapes.map((parallelism, index) => ({
    name: `source${index}`,
    parallelism,
    itemCount,
    keyCount: random.pick([1, 4, 9]),
    form: random.pick(["paced", "paced", "generated"]),
    burst: Math.ceil(itemCount / random.between(8, 16)),
    gapMs: random.between(4, 8),
  }));
}

/** One seed in three takes its time, so that many checkpoints lie between two faults, and cells start from a late one. */
function paced(seed: number, sources: readonly SwarmSource[]): readonly SwarmSource[] {
  const pace = new SeededRandom(seed ^ paceSalt).pick([1, 1, slowPace]);
  return sources.map((source) => ({ ...source, gapMs: pace * source.gapMs }));
}

function drawSteps(random: SeededRandom, sources: readonly SwarmSource[]): SwarmStep[] {
  const steps: SwarmStep[] = [];
  let letterCount = 0;
  const letter = (): string => String.fromCharCode("a".charCodeAt(0) + letterCount++);
  const roundCount = random.between(1, 3);
  for (let round = 0; round < roundCount; round += 1) {
    const open = openFlows(sources, steps);
    const input = random.pick(open);
    const inputs = [input];
    const parallelism = random.between(1, 3);
    const counting = random.pick(["scan", "process"] as const);
    const side = (name: string): SwarmStep => ({
      kind: "map",
      name: `${name}${round}`,
      inputs,
      parallelism: 1,
      grouping: "none",
      letter: letter(),
    });
    switch (random.below(9)) {
      case 0:
        steps.push({ kind: "map", name: `map${round}`, inputs, parallelism, grouping: "none", letter: "" });
        break;
      case 1: {
        const grouping = random.pick(["shuffle", "leastLoaded", "toOne"] as const);
        steps.push({ kind: "map", name: `spread${round}`, inputs, parallelism, grouping, letter: "" });
        break;
      }
      case 2:
        steps.push({ kind: "filter", name: `filter${round}`, inputs, modulo: random.between(2, 5) });
        break;
      case 3:
        if (letterCount < 2)
          steps.push({ kind: "flatMap", name: `flat${round}`, inputs, letters: letter() + letter() });
        else steps.push({ kind: counting, name: `count${round}`, inputs, parallelism });
        break;
      case 4:
        steps.push({ kind: "mapAsync", name: `call${round}`, inputs, concurrency: random.pick([1, 3, 16]) });
        break;
      case 5:
        steps.push({ kind: "throttle", name: `slow${round}`, inputs, perMs: random.between(5, 20) });
        break;
      case 6:
        // A fork, and half the time a diamond.
        steps.push(side("left"), side("right"));
        if (random.chance(0.5)) {
          const sides = steps.slice(-2).map(({ name }) => name);
          steps.push({ kind: counting, name: `count${round}`, inputs: sides, parallelism });
        }
        break;
      default: {
        const others = open.filter((name) => name !== input);
        const joined = others.length > 0 && random.chance(0.7) ? [input, random.pick(others)] : inputs;
        steps.push({ kind: counting, name: `count${round}`, inputs: joined, parallelism });
      }
    }
  }
  return steps;
}

function drawSinks(
  random: SeededRandom,
  sources: readonly SwarmSource[],
  steps: readonly SwarmStep[],
): readonly SwarmSink[] {
  return openFlows(sources, steps).map((input, index) => ({
    name: `sink${index}`,
    input,
    kind: random.pick(["collect", "transactional"]),
    parallelism: random.between(1, 2),
    eventsMax: random.pick([1, 7, 1_000]),
    isSlow: random.chance(0.3),
  }));
}

const slowPace = 6;
const paceSalt = 0x9ace;
/** So that the plan of a seed and what the world draws from the same seed have nothing to do with each other. */
const planSalt = 0x5317;
