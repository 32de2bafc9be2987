/**
 * swarmModel: what the sinks of a plan hold when nothing is lost and nothing doubled: the job of the plan without threads,
 * channels and time. Within a key and a lane the items of a sink stand in the order in which they have to arrive.
 */

import { branchModel } from "./branch-model.ts";
import { counted, inLane, isKept, itemOf } from "./swarm-item.ts";
import type { SwarmFault, SwarmItem, SwarmPlan, SwarmStep, SwarmTime } from "./swarm-plan.ts";
import { plansOf } from "./swarm-version.ts";
import { timedModel } from "./timed-model.ts";

export interface ModelFlow {
  readonly items: readonly SwarmItem[];
  /** Whether items of one key and lane arrive in order. */
  readonly isOrdered: boolean;
  /** False where items are left out behind a place where their order, and so their counts, is open: the highest count may be one's. */
  readonly isWhole: boolean;
  /** Instances that it comes from. */
  readonly parallelism: number;
}

/** By the name of the sink. Items arrive in order where they do so in every version of the job. */
export function swarmModel(plan: SwarmPlan): ReadonlyMap<string, ModelFlow> {
  const [first, ...others] = plansOf(plan).map(modelOf) as [ReadonlyMap<string, ModelFlow>];
  const every = (name: string, does: (flow: ModelFlow) => boolean): boolean =>
    [first, ...others].every((model) => does(model.get(name) as ModelFlow));
  return new Map(
    [...first].map(([name, flow]) => {
      const isOrdered = every(name, (each) => each.isOrdered);
      return [name, { ...flow, isOrdered, isWhole: every(name, (each) => each.isWhole) }];
    }),
  );
}

function modelOf(plan: SwarmPlan): ReadonlyMap<string, ModelFlow> {
  const { sources, steps, sinks, faults, time, guarantee, branches = [] } = plan;
  const flows = new Map<string, ModelFlow>();
  for (const source of sources) {
    const items = Array.from({ length: source.parallelism }, (_, instance) =>
      Array.from({ length: source.itemCount }, (_, seq) => itemOf(source, instance, seq)),
    ).flat();
    const { parallelism, instances = parallelism } = source;
    flows.set(source.name, { items, isOrdered: true, isWhole: true, parallelism: instances });
  }
  for (const step of steps) {
    const inputs = step.inputs.map((name) => flows.get(name) as ModelFlow);
    const isPoisoned = poisonOf(step, faults);
    const given = inputs.flatMap((input) => input.items);
    const items = given.filter((item) => !isPoisoned(item));
    const before = Math.max(...inputs.map(({ parallelism }) => parallelism));
    const parallelism = "parallelism" in step ? step.parallelism : step.kind === "hold" ? 1 : before;
    const isOrdered = inputs.every((input) => input.isOrdered) && keepsOrder(step, before);
    const leavesOut = step.kind === "filter" || items.length < given.length;
    const isWhole = inputs.every((input) => input.isWhole && (input.isOrdered || !leavesOut));
    flows.set(step.name, { items: taken(step, items), isOrdered, isWhole, parallelism });
  }
  for (const step of time?.steps ?? []) {
    const inputs = [step.input, ...("right" in step ? [step.right] : [])];
    const items = inputs.map((name) => flows.get(name)?.items ?? []);
    flows.set(step.name, {
      items: timedModel(step, items, time as SwarmTime, guarantee),
      isOrdered: false,
      isWhole: true,
      parallelism: step.parallelism,
    });
  }
  for (const branch of branches) {
    flows.set(
      branch.name,
      branchModel(branch, (name) => flows.get(name) as ModelFlow),
    );
  }
  return new Map(sinks.map(({ name, input }) => [name, flows.get(input) as ModelFlow]));
}

function poisonOf(step: SwarmStep, faults: readonly SwarmFault[]): (item: SwarmItem) => boolean {
  const poison = faults.filter((fault) => fault.kind === "poison" && fault.operator === step.name);
  return ({ key, seq }) => poison.some((fault) => fault.kind === "poison" && fault.key === key && fault.seq === seq);
}

/** @param parallelism of what comes */
function keepsOrder(step: SwarmStep, parallelism: number): boolean {
  if (step.kind !== "map" || step.parallelism === 1) return true;
  return step.grouping === "toOne" || (step.grouping === "none" && step.parallelism === parallelism);
}

function taken(step: SwarmStep, items: readonly SwarmItem[]): SwarmItem[] {
  switch (step.kind) {
    case "map":
      return items.map((item) => inLane(item, step.letter));
    case "filter":
      return items.filter((item) => isKept(item, step.modulo));
    case "flatMap":
      return items.flatMap((item) => [...step.letters].map((letter) => inLane(item, letter)));
    case "mapAsync":
    case "throttle":
    case "hold":
      return [...items];
    case "scan":
    case "process": {
      const counts = new Map<string, number>();
      return items.map((item) => {
        const place = `${item.key} ${item.lane}`;
        const count = (counts.get(place) ?? 0) + 1;
        counts.set(place, count);
        return counted(item, count);
      });
    }
  }
}
