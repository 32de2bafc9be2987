/**
 * drawTime: in one seed of six, event time from the sources on, out of order and in splits, with a window or two and joins that
 * go by it, also with a table, and faults that strike them. Sources are idle now and then in a third of these seeds; in the others no event is late, so
 * that what comes out is known exactly; but for splits that a crash under at-most-once made forget. Drawn from a generator of its own.
 */

import { SeededRandom } from "../../../runtime/index.ts";
import { crash, fail, type PlannedFault, stall } from "../fault.ts";
import { timeIn } from "./draw-faults.ts";
import type { SwarmFault, SwarmPlan, SwarmSink, SwarmTime, SwarmTimedStep } from "./swarm-plan.ts";
import type { SwarmWindowStep } from "./swarm-time.ts";

type TimelessPlan = Omit<SwarmPlan, "pressure">;

export interface DrawnTime {
  readonly time: SwarmTime;
  /** One for each step. */
  readonly sinks: readonly SwarmSink[];
  readonly faults: readonly SwarmFault[];
}

/** @param plan without event time; undefined: it stays so */
export function drawTime(plan: TimelessPlan): DrawnTime | undefined {
  const random = new SeededRandom(plan.seed ^ timeSalt);
  if (!random.chance(1 / 6)) return undefined;
  const isIdle = random.chance(1 / 3);
  const names = [...plan.sources, ...plan.steps].map(({ name }) => name);
  const origins = originsOf(plan);
  const apart = flowsApart(origins);
  let pair: readonly string[] | undefined;
  const steps = Array.from({ length: random.between(1, 2) }, (_, index) => {
    if (apart.length > 0 && random.chance(0.3)) {
      const drawn = random.pick(apart);
      pair = pair !== undefined && isCrossing(pair, drawn, origins) ? pair : drawn;
      return drawTable(random, index, pair);
    }
    // Pairs of events that are late are in no model.
    return isIdle || random.chance(0.6)
      ? drawWindow(random, index, names, isIdle)
      : drawJoin(random, index, names, plan);
  });
  const time: SwarmTime = {
    stepMs: random.pick([1, 10, 25]),
    disorderMs: random.pick([0, 5, 60]),
    splitCount: random.pick([1, 1, 3]),
    idleAfterMs: isIdle ? random.pick([2, 10, 50]) : undefined,
    maxDriftMs: random.chance(0.2) && !steps.some(isTable) ? random.pick([200, 1_000]) : undefined,
    steps,
  };
  return { time, sinks: steps.map((step) => timedSink(random, step)), faults: timedFaults(random, steps, plan) };
}

/** A table that is awaited waits for no stream. */
function isTable({ kind }: SwarmTimedStep): boolean {
  return kind === "table-join";
}

export function drawWindow(
  random: SeededRandom,
  index: number,
  names: readonly string[],
  isIdle: boolean,
): SwarmWindowStep {
  const form = random.pick(isIdle ? (["tumbling", "session"] as const) : forms);
  const slideMs = random.pick([20, 50, 300]);
  const tellsAgain = isIdle && random.chance(0.5);
  return {
    kind: "window",
    name: `window${index}`,
    input: random.pick(names),
    parallelism: random.between(1, 3),
    form,
    sizeMs: form === "sliding" ? random.pick([2, 3]) * slideMs : slideMs,
    slideMs,
    merges: form === "session" || random.chance(0.5),
    earlyEvery: random.chance(0.25) ? random.between(1, 4) : undefined,
    latenessMs: tellsAgain ? random.pick([30, 200]) : 0,
  };
}

function drawJoin(
  random: SeededRandom,
  index: number,
  names: readonly string[],
  { guarantee }: TimelessPlan,
): SwarmTimedStep {
  const type = random.pick(["inner", "left", "right", "full"] as const);
  return {
    kind: random.pick(["interval-join", "window-join"]),
    name: `join${index}`,
    input: random.pick(names),
    right: random.pick(names),
    parallelism: random.between(1, 3),
    sizeMs: random.pick([5, 20]),
    // Where events are lost or repeated, some are without a partner that have one.
    type: guarantee === "exactly-once" ? type : "inner",
    keyCount: random.pick([17, 101]),
  };
}

function drawTable(random: SeededRandom, index: number, pair: readonly string[]): SwarmTimedStep {
  const [input, right] = pair as readonly [string, string];
  return {
    ...{ kind: "table-join", name: `join${index}`, input, right },
    parallelism: random.between(1, 3),
    keyCount: random.pick([1, 17, 101]),
  };
}

/** The sources that each flow comes from. */
function originsOf({ sources, steps }: TimelessPlan): ReadonlyMap<string, readonly string[]> {
  const origins = new Map<string, readonly string[]>(sources.map(({ name }) => [name, [name]]));
  for (const { name, inputs } of steps) {
    origins.set(
      name,
      inputs.flatMap((input) => origins.get(input) ?? []),
    );
  }
  return origins;
}

/** Pairs of flows that come from no source in common. */
function flowsApart(origins: ReadonlyMap<string, readonly string[]>): string[][] {
  const flows = [...origins];
  return flows.flatMap(([left, from]) =>
    flows.filter(([, others]) => !others.some((each) => from.includes(each))).map(([right]) => [left, right]),
  );
}

/** Whether each of two joins would await a table that the other one's stream is needed for. */
function isCrossing(
  [input = "", right = ""]: readonly string[],
  [otherInput = "", otherRight = ""]: readonly string[],
  origins: ReadonlyMap<string, readonly string[]>,
): boolean {
  const share = (left: string, other: string) => origins.get(left)?.some((each) => origins.get(other)?.includes(each));
  return share(right, otherInput) === true && share(otherRight, input) === true;
}

export function timedSink(random: SeededRandom, { name }: SwarmTimedStep): SwarmSink {
  return {
    name: `sink-${name}`,
    input: name,
    kind: random.pick(["collect", "transactional"]),
    parallelism: random.between(1, 2),
    eventsMax: random.pick([7, 1_000]),
    isSlow: random.chance(0.2),
  };
}

export function timedFaults(random: SeededRandom, steps: readonly SwarmTimedStep[], plan: TimelessPlan): SwarmFault[] {
  // A failure at the poisoned event, or at one that equals it, would use up the retries of that.
  const isPoisoned = plan.faults.some(({ kind }) => kind === "poison");
  return Array.from({ length: random.between(1, 3) }, () => {
    const { name, parallelism } = random.pick(steps);
    const instance = random.below(parallelism);
    const event = random.between(1, 120);
    const kind = random.pick(isPoisoned ? (["crash", "stall"] as const) : (["crash", "fail", "stall"] as const));
    const drawn: Readonly<Record<typeof kind, () => PlannedFault>> = {
      crash: () => crash(name, instance).after(event),
      fail: () => fail(name, instance).after(event),
      stall: () =>
        stall(name, instance)
          .for(random.pick([20, 100]))
          .at(timeIn(random, plan)),
    };
    return { kind: "world", fault: drawn[kind]() };
  });
}

const forms = ["tumbling", "sliding", "session"] as const;
const timeSalt = 0x71e5;
