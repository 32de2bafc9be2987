/**
 * drawBranches: in one seed of three, one or two branches more, and faults that strike them. Drawn from a generator of its own, so
 * that the rest of a seed is the same with and without.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { crash, fail, type PlannedFault, stall } from "../fault.ts";
import { timeIn } from "./draw-faults.ts";
import type { SwarmBranch } from "./swarm-branch.ts";
import type { SwarmFault, SwarmPlan, SwarmSink } from "./swarm-plan.ts";

/** @param plan with everything else */
export function drawBranches(plan: SwarmPlan): SwarmPlan {
  const random = new SeededRandom(plan.seed ^ branchSalt);
  if (!random.chance(1 / 3)) return plan;
  const branches = Array.from({ length: random.between(1, 2) }, (_, index) => drawBranch(random, index, plan));
  const sinks = branches.map(({ name }): SwarmSink => sinkOf(random, name, plan));
  const faults = Array.from({ length: random.between(1, 2) }, () => drawFault(random, random.pick(branches), plan));
  return { ...plan, branches, sinks: [...plan.sinks, ...sinks], faults: [...plan.faults, ...faults] };
}

const kinds = ["copies", "rules", "timers", "together", "calls", "outputs", "letters", "table"] as const;

function drawBranch(random: SeededRandom, index: number, plan: SwarmPlan): SwarmBranch {
  const names = timelyFlows(plan);
  const place = { name: `branch${index}`, input: random.pick(names), parallelism: random.between(1, 3) };
  const isDue = plan.time !== undefined && random.chance(1 / 3);
  const kind = isDue ? "due" : random.pick(kinds.filter((each) => isPossible(each, plan)));
  switch (kind) {
    case "rules":
      return { ...place, kind, right: random.pick(names) };
    case "due":
      return { ...place, kind, by: random.pick(["timer", "order"]) };
    case "timers":
      return { ...place, kind, delayMs: random.pick([1, 15, 80]) };
    case "calls":
      return { ...place, kind, order: random.pick(["per-key", "unordered"]), concurrency: random.pick([2, 16]) };
    case "letters":
      return { ...place, kind, modulo: random.pick([7, 40]) };
    case "table": {
      // Of what comes twice accumulators count a row twice, and a row that was at the top may be told, and not come there again.
      const forms = plan.guarantee === "exactly-once" ? (["running", "rows", "top"] as const) : (["rows"] as const);
      return { ...place, kind, form: random.pick(forms), groupCount: random.pick([1, 5, 40]) };
    }
    default:
      return { ...place, kind };
  }
}

/** Without those that are told at an end, which have no event times. */
export function timelyFlows({ sources, steps }: SwarmPlan): readonly string[] {
  const ends = new Set(steps.filter(({ kind }) => kind === "hold").map(({ name }) => name));
  const timely = steps.filter(({ name, inputs }) => !ends.has(name) && !inputs.some((input) => ends.has(input)));
  return [...sources, ...timely].map(({ name }) => name);
}

function isPossible(kind: SwarmBranch["kind"], { guarantee, drainAfterEvents, time }: SwarmPlan): boolean {
  // What the rows of a table are in the end is known where nothing is lost, and nothing left out.
  if (kind === "table") return guarantee !== "at-most-once" && drainAfterEvents === undefined;
  // Dead letters have no event times, and a stream has them on all its events or on none.
  return kind !== "letters" || time === undefined;
}

function sinkOf(random: SeededRandom, input: string, { drainAfterEvents }: SwarmPlan): SwarmSink {
  const drawn = random.pick(["collect", "transactional", "plain"] as const);
  // What one shows is no proof of how far a source has come that was drained.
  const kind = drawn === "plain" && drainAfterEvents !== undefined ? "collect" : drawn;
  return {
    ...{ name: `sink-${input}`, input, kind },
    ...{
      parallelism: random.between(1, 2),
      eventsMax: random.pick(kind === "plain" ? [1, 7] : [7, 1_000]),
      isSlow: random.chance(0.2),
    },
  };
}

function drawFault(random: SeededRandom, branch: SwarmBranch, plan: SwarmPlan): SwarmFault {
  const { name, parallelism } = branch;
  const kind = random.pick(
    mayFail(branch, plan) ? (["crash", "fail", "stall"] as const) : (["crash", "stall"] as const),
  );
  const instance = random.below(parallelism);
  const event = random.between(1, 200);
  const forMs = random.pick([20, 100]);
  const drawn: Readonly<Record<typeof kind, () => PlannedFault>> = {
    crash: () => crash(name, instance).after(event),
    fail: () => fail(name, instance).after(event),
    stall: () => stall(name, instance).for(forMs).at(timeIn(random, plan)),
  };
  return { kind: "world", fault: drawn[kind]() };
}

/**
 * A failure at the poisoned event, or at one that equals it, would use up the retries of that; and under at-most-once an event that was failed at
 * is a dead letter, which a stream of them shows.
 */
function mayFail({ kind }: SwarmBranch, { faults, guarantee }: SwarmPlan): boolean {
  return !faults.some((fault) => fault.kind === "poison") && (kind !== "letters" || guarantee !== "at-most-once");
}

/** By this one the seeds that are known to notice a mutant draw none, and stay what they were. */
const branchSalt = 0x3b37;
