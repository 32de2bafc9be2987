/** Chaos: draws a plan of faults for a job from a seed, of one kind or of all. */

import type { SeededRandom } from "../../runtime/index.ts";
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
} from "./fault.ts";

/** Kinds of faults that `chaos` can be told to draw. */
export const chaosKinds = ["errors", "threads", "links", "store", "process", "clock"] as const;
export type ChaosKind = (typeof chaosKinds)[number];

/** What a run without faults was like, so that faults fall into it. */
export interface CalmRun {
  readonly elapsedMs: number;
  /** Worker threads. */
  readonly threads: number;
  /** Operator instances on worker threads, and how many events reached each. */
  readonly instances: readonly { readonly operator: string; readonly instance: number; readonly eventCount: number }[];
}

/** Between 1 and `faultCountMax` faults of the kinds given. */
export function chaos(
  random: SeededRandom,
  run: CalmRun,
  kinds: readonly ChaosKind[],
  faultCountMax: number,
): PlannedFault[] {
  const count = random.between(1, faultCountMax);
  return Array.from({ length: count }, () => draw[random.pick(kinds)](random, run));
}

const draw: Readonly<Record<ChaosKind, (random: SeededRandom, run: CalmRun) => PlannedFault>> = {
  errors: (random, run) => {
    const struck = instanceOf(random, run);
    return struck === undefined ? jumpClock(0).at(0) : fail(struck.operator, struck.instance).after(struck.event);
  },
  threads: (random, run) => {
    const target = host(random.between(1, run.threads));
    switch (random.below(4)) {
      case 0:
        return hang(target)
          .for(random.pick([100, 1_000, 20_000]))
          .at(timeIn(random, run));
      case 1:
        return slow(target, random.pick([2, 20]))
          .for(random.pick([200, 5_000]))
          .at(timeIn(random, run));
      case 2: {
        const struck = instanceOf(random, run);
        if (struck !== undefined) return crash(struck.operator, struck.instance).after(struck.event);
        return crash(target).at(timeIn(random, run));
      }
      default:
        return crash(target).at(timeIn(random, run));
    }
  },
  links: (random, run) => {
    const from = random.between(0, run.threads);
    const to = random.between(1, run.threads);
    return delay(from, to, random.pick([5, 50, 500]))
      .for(random.pick([100, 5_000]))
      .at(timeIn(random, run));
  },
  store: (random, run) =>
    random.chance(0.5)
      ? failWrite(random.between(1, 3)).at(timeIn(random, run))
      : slowWrite(random.pick([20, 500]))
          .for(5_000)
          .at(timeIn(random, run)),
  process: (random, run) => killProcess(random.pick([0, 200])).at(timeIn(random, run)),
  clock: (random, run) => jumpClock(random.pick([-3_600_000, 3_600_000])).at(timeIn(random, run)),
};

function timeIn(random: SeededRandom, run: CalmRun): number {
  return Math.floor(random.next() * run.elapsedMs);
}

function instanceOf(random: SeededRandom, { instances }: CalmRun) {
  const reached = instances.filter(({ eventCount }) => eventCount > 0);
  if (reached.length === 0) return undefined;
  const { operator, instance, eventCount } = random.pick(reached);
  return { operator, instance, event: random.between(1, eventCount) };
}
