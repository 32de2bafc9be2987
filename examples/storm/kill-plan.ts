/** KillPlan: kills of threads of ten kinds, at events of the counters, and kills of the process, at times; drawn from a seed. */

import {
  crash,
  exit,
  hang,
  killProcess,
  overflowHeap,
  type PlannedFault,
  strayReject,
  strayThrow,
} from "../../jobs/testing/index.ts";
import { SeededRandom } from "../../runtime/index.ts";

type Kill = (instance: number) => { after(eventCount: number): PlannedFault };

/** What kills a thread, and how often of a hundred times: those that have to be waited for are rarer. */
const kills = [
  ["terminated from outside", 22, (instance) => crash("count", instance)],
  ["process.exit(0)", 16, (instance) => exit("count", instance)],
  ["process.exit(7)", 16, (instance) => exit("count", instance, 7)],
  ["a timer throws an error", 15, (instance) => strayThrow("count", instance)],
  ["a timer throws null", 11, (instance) => strayThrow("count", instance).throwing("null")],
  ["a promise rejects", 14, (instance) => strayReject("count", instance)],
  ["the heap overflows", 3, (instance) => overflowHeap("count", instance)],
  ["hangs in a loop", 1, (instance) => hang("count", instance).for("1m")],
  ["hangs in Atomics.wait", 1, (instance) => hang("count", instance).by("wait").for("1m")],
  ["hangs in native code", 1, (instance) => hang("count", instance).by("native").for("400ms")],
] as const satisfies readonly (readonly [kind: string, share: number, kill: Kill])[];

export type Kind = (typeof kills)[number][0];

export interface KillPlan {
  readonly faults: readonly PlannedFault[];
  /** What each kills by, in their order. */
  readonly kinds: readonly Kind[];
}

/**
 * All strike within the first half of so many events, which are spread over the instances of the counter, and one after the other: two
 * that strike at the same moment are the end of one thread only.
 */
export function threadKills(seed: number, count: number, events: number, instances: number): KillPlan {
  const random = new SeededRandom(seed);
  const step = Math.max(instances, Math.floor(events / instances / 2 / Math.ceil(count / instances)));
  const drawn = Array.from({ length: count }, (_, number) => {
    const [kind, , kill] = kindAt(number < kills.length ? sharesBefore(number) : random.below(100));
    const after = 1 + Math.floor((step * number) / instances) + random.below(Math.floor(step / instances));
    return { kind, fault: kill(number % instances).after(after) };
  });
  return { faults: drawn.map(({ fault }) => fault), kinds: drawn.map(({ kind }) => kind) };
}

/** One after the other: while the next process starts to run, or when it has for a moment. */
export function processKills(seed: number, count: number): KillPlan {
  const random = new SeededRandom(seed);
  const at = (number: number) => processEveryMs * number + random.below(processEveryMs);
  return { faults: Array.from({ length: count }, (_, number) => killProcess(0).at(at(number))), kinds: [] };
}

/** So that each kind is there at least once. */
function sharesBefore(number: number): number {
  return kills.slice(0, number).reduce((sum, [, share]) => sum + share, 0);
}

function kindAt(percent: number): (typeof kills)[number] {
  let left = percent;
  for (const kill of kills) {
    left -= kill[1];
    if (left < 0) return kill;
  }
  return kills[0] as (typeof kills)[number];
}

/** About as long as the next process takes to be there. */
export const processEveryMs = 500;
