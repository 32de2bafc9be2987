/**
 * drawFaults: what goes wrong in a seed: at least so many faults that each seed has some of several kinds, at events and times
 * that its run reaches. One seed in three goes without one whole class.
 */

import type { SeededRandom } from "../../../runtime/index.ts";
import { storeAttemptsMax } from "../../limits.ts";
import {
  crash,
  delay,
  fail,
  failWrite,
  hang,
  host,
  jumpClock,
  killProcess,
  type PlannedFault,
  slow,
  slowWrite,
} from "../fault.ts";
import { itemOf } from "./swarm-item.ts";
import type { SwarmFault, SwarmPlan } from "./swarm-plan.ts";

type CalmPlan = Omit<SwarmPlan, "pressure">;

/** Faults of one seed, before those that other drawers add: with them eight or nine, which find as much as fourteen, in less time. */
const faultCountMin = 2;
const faultCountMax = 4;

const classes = ["threads", "errors", "starts", "links", "store", "process", "edges", "clock"] as const;
type FaultClass = (typeof classes)[number];

/** @param plan without faults */
export function drawFaults(random: SeededRandom, plan: CalmPlan): SwarmFault[] {
  const left = random.chance(1 / 3) ? random.pick(classes) : undefined;
  const isPoisoned = random.chance(0.15);
  const excluded = new Set<FaultClass | undefined>([
    left,
    // A failure at the poisoned event, or at one that equals it, would use up the retries of another one.
    isPoisoned ? "errors" : undefined,
    // A job that cannot be opened when its process starts has failed, and nobody starts it again.
    random.chance(0.3) ? "process" : "starts",
  ]);
  const drawn = classes.filter((name) => !excluded.has(name));
  const count = random.between(faultCountMin, faultCountMax);
  const faults = Array.from({ length: count }, () => draw[random.pick(drawn)](random, plan));
  if (left !== "threads" && plan.threads > 1 && random.chance(0.1)) faults.push(...burst(random, plan));
  return [...bearable(faults), ...(isPoisoned ? poison(random, plan) : [])];
}

/** Without the failing writes that are more than a job has patience for, which it rightly fails of. */
function bearable(faults: readonly SwarmFault[]): SwarmFault[] {
  let failedWrites = 0;
  return faults.filter((fault) => {
    if (fault.kind !== "world" || fault.fault.action.kind !== "fail-write") return true;
    failedWrites += fault.fault.action.count;
    return failedWrites < storeAttemptsMax;
  });
}

const draw: Readonly<Record<FaultClass, (random: SeededRandom, plan: CalmPlan) => SwarmFault>> = {
  threads: (random, plan) => {
    const target = host(random.between(1, plan.threads));
    const at = timeIn(random, plan);
    switch (random.below(6)) {
      case 0:
        return world(
          hang(target)
            .for(20 * plan.hangLimitMs)
            .at(at),
        );
      case 1:
        return world(
          hang(host(0))
            .for(random.pick([50, 500]))
            .at(at),
        );
      case 2:
        return world(
          hang(target)
            .for(random.pick([20, 100]))
            .at(at),
        );
      case 3:
        return world(
          slow(target, random.pick([1, 5]))
            .for(100)
            .at(at),
        );
      case 4: {
        const { operator, instance, event } = instanceOf(random, plan);
        return world(crash(operator, instance).after(event));
      }
      default:
        return world(crash(target).at(at));
    }
  },
  errors: (random, plan) => {
    const { operator, instance, event } = instanceOf(random, plan);
    return world(fail(operator, instance).after(event));
  },
  starts: (random, plan) => {
    const steps = plan.steps.filter(({ kind }) => kind === "process");
    const sources = plan.sources.filter(({ form }) => form === "paced");
    const opened = [...steps, ...sources];
    if (opened.length === 0) return draw.threads(random, plan);
    return { kind: "open", operator: random.pick(opened).name, times: random.between(1, 3) };
  },
  links: (random, plan) => {
    const from = random.between(0, plan.threads);
    const to = random.between(1, plan.threads);
    const by = random.pick([2, 20, 100]);
    return world(
      delay(from, to, by)
        .for(random.pick([20, 100]))
        .at(timeIn(random, plan)),
    );
  },
  store: (random, plan) =>
    world(
      random.chance(0.5)
        ? failWrite(random.between(1, 3)).at(timeIn(random, plan))
        : slowWrite(random.pick([20, 100]))
            .for(50)
            .at(timeIn(random, plan)),
    ),
  process: (random, plan) => world(killProcess(random.pick([0, 20])).at(timeIn(random, plan))),
  edges: (random, plan) => {
    const sinks = plan.sinks.filter(({ kind }) => kind === "transactional");
    if (sinks.length > 0 && random.chance(0.7)) {
      return { kind: "sink", sink: random.pick(sinks).name, call: random.between(1, 20), isLate: random.chance(0.5) };
    }
    const sources = plan.sources.filter(({ form }) => form === "paced");
    if (sources.length > 0) return { kind: "read", source: random.pick(sources).name, call: random.between(1, 16) };
    return draw.links(random, plan);
  },
  clock: (random, plan) => world(jumpClock(random.pick([-3_600_000, 3_600_000])).at(timeIn(random, plan))),
};

function world(fault: PlannedFault): SwarmFault {
  return { kind: "world", fault };
}

/** All threads die at once. */
function burst(random: SeededRandom, plan: CalmPlan): SwarmFault[] {
  const at = timeIn(random, plan);
  return Array.from({ length: plan.threads }, (_, index) => world(crash(host(index + 1)).at(at)));
}

function poison(random: SeededRandom, plan: CalmPlan): SwarmFault[] {
  // What throttles calls no function of the job.
  const steps = plan.steps.filter(({ kind }) => kind !== "throttle");
  if (steps.length === 0) return [];
  const source = random.pick(plan.sources);
  const { key, seq } = itemOf(source, random.below(source.parallelism), random.below(source.itemCount));
  return [{ kind: "poison", operator: random.pick(steps).name, key, seq }];
}

/** A time within that which the sources take, in ms. */
export function timeIn(random: SeededRandom, plan: CalmPlan): number {
  return Math.floor(random.next() * longestMs(plan));
}

/** How long the sources take, in ms: what is to strike before does. */
export function longestMs({ sources }: CalmPlan): number {
  return Math.max(...sources.map(({ itemCount, burst, gapMs }) => Math.floor(itemCount / burst) * gapMs));
}

/** One of the operator instances, and the number of an event that it is likely to come to. */
export function instanceOf(random: SeededRandom, { steps, sources }: CalmPlan) {
  const step = random.pick(steps);
  const parallelism = "parallelism" in step ? step.parallelism : 1;
  const itemCount = Math.max(...sources.map((source) => source.itemCount * source.parallelism));
  const event = random.between(1, Math.max(1, Math.floor(itemCount / (2 * parallelism))));
  return { operator: step.name, instance: random.below(parallelism), event };
}
