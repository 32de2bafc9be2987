/**
 * The goals that millrace has set itself for the workloads, and whether results reach them. Ratios are those of rounds that follow one
 * another, as everywhere in the bench.
 */

import type { NexmarkBench } from "../nexmark/bench/bench-queries.ts";
import type { Latency } from "./measurement.ts";
import { type BenchResults, ratesOf, type WorkloadResults } from "./results.ts";
import { pairedRatio } from "./statistics.ts";
import type { WorkloadId } from "./workloads.ts";

export interface GoalOutcome {
  readonly workload: WorkloadId | "NEXMark";
  readonly goal: string;
  /** What was measured, for a reader; undefined when it was not. */
  readonly measured: string | undefined;
  readonly isMet: boolean;
  /** The record in docs/decisions that says what is in the way, and what was tried. */
  readonly wall: string | undefined;
}

interface Goal {
  readonly workload: WorkloadId;
  readonly goal: string;
  /** The figure that is held against the bound; undefined when what it needs was not measured. */
  figure(results: WorkloadResults): number | undefined;
  /** What the figure must be. */
  readonly bound: { readonly atLeast: number } | { readonly below: number };
  readonly unit: "times" | "ms" | "percent";
}

const walls: Partial<Record<GoalOutcome["workload"], string>> = {
  W3: "0093-lists-of-numbers-stay-such.md",
  W4: "0086-a-receiver-that-makes-no-rows.md",
  "W9-threads": "0077-what-is-kept-lies-in-memory-that-is-used-again.md",
  W11: "0075-put-together-within-a-thread.md",
  NEXMark: "0088-what-four-queries-of-nexmark-still-wait-for.md",
};

export function outcomesOf(results: BenchResults): GoalOutcome[] {
  const outcomes = goals.map((goal) => {
    const found = results.workloads.find(({ workload }) => workload === goal.workload);
    const figure = found && goal.figure(found);
    return {
      workload: goal.workload,
      goal: goal.goal,
      measured: figure === undefined ? undefined : formats[goal.unit](figure),
      isMet: figure !== undefined && isWithin(figure, goal.bound),
      wall: walls[goal.workload],
    };
  });
  return [...outcomes, nexmarkOutcome(results.nexmark)];
}

function nexmarkOutcome(bench: NexmarkBench | undefined): GoalOutcome {
  const within = bench?.rows.filter(({ ratio }) => ratio <= nexmarkTimesMax).length;
  return {
    workload: "NEXMark",
    goal: `each query takes at most ${nexmarkTimesMax} times as long as its loop`,
    measured: bench === undefined ? undefined : `${within} of ${bench.rows.length} do`,
    isMet: bench !== undefined && within === bench.rows.length,
    wall: walls.NEXMark,
  };
}

const nexmarkTimesMax = 3;

const goals: readonly Goal[] = [
  faster("W1", "faster than RxJS, on one thread", "millrace", ["rxjs"], 1),
  faster("W1", "faster than Effect, on one thread", "millrace", ["effect"], 1),
  faster("W1", "at least 1/1.3 of the hand-written loop, on one thread", "millrace", ["loop"], 1 / 1.3),
  ...(["W2", "W3"] as const).flatMap((id) => [
    faster(id, "on two threads 1.5 times the hand-written loop on one", "millrace-threads", ["loop"], 1.5),
    faster(
      id,
      "on two threads 1.5 times every peer",
      "millrace-threads",
      ["rxjs", "effect", "async-generators", "node-streams"],
      1.5,
    ),
  ]),
  faster("W4", "3.5 times msgpackr rows in batches", "millrace", ["msgpackr-256", "msgpackr-1024"], 3.5),
  faster("W4", "1.5 times Java's ArrayBlockingQueue(1024)", "millrace", ["java-queue"], 1.5),
  faster("W4", "at least 1/1.5 of bare typed columns", "millrace", ["columns-1024"], 1 / 1.5),
  askTime("an ask of main takes at most 1.2 times a bare MessagePort (p50)", "millrace-main", "port-main"),
  askTime("an ask between workers takes at most 1.2 times a bare MessagePort (p50)", "millrace", "port-workers"),
  ...[
    { name: "100k", load: "100,000 events/s" },
    { name: "100k-exactly-once", load: "100,000 events/s, exactly-once" },
  ].flatMap(({ name, load }) => [
    latencyBelow(name, `99 % within 5 ms at ${load}`, ({ p99Us }) => p99Us, 5),
    latencyBelow(name, `99.99 % within 16 ms at ${load}`, ({ p9999Us }) => p9999Us, 16),
  ]),
  ...(["W9", "W9-threads"] as const).flatMap((id) => [
    cost(id, "exactly-once costs less than 10 %", "exactly-once", 10),
    cost(id, "at-least-once costs less than 5 %", "at-least-once", 5),
  ]),
  faster("W10", "with 10 million keys half of the rate with 10 thousand", "10M-keys", ["10k-keys"], 0.5),
  faster("W11", "on two threads 1.8 times one", "2-threads", ["1-thread"], 1.8),
];

const formats = {
  times: (figure: number) => `${figure.toFixed(2)} x`,
  ms: (figure: number) => `${figure.toFixed(1)} ms`,
  percent: (figure: number) => `${figure.toFixed(0)} %`,
} as const;

function isWithin(figure: number, bound: Goal["bound"]): boolean {
  return "atLeast" in bound ? figure >= bound.atLeast : figure < bound.below;
}

/** Against the fastest of the others that took part. */
function faster(workload: WorkloadId, goal: string, name: string, others: readonly string[], atLeast: number): Goal {
  return {
    workload,
    goal,
    bound: { atLeast },
    unit: "times",
    figure(results) {
      const own = ratesOf(results, name);
      const ratios = others.flatMap((other) => {
        const rates = ratesOf(results, other);
        return own === undefined || rates === undefined ? [] : [pairedRatio(own, rates)];
      });
      return ratios.length === 0 ? undefined : Math.min(...ratios);
    },
  };
}

function askTime(goal: string, name: string, bare: string): Goal {
  return {
    workload: "W5",
    goal,
    bound: { below: 1.2 },
    unit: "times",
    figure(results) {
      const own = latencyOf(results, name);
      const other = latencyOf(results, bare);
      return own && other && own.p50Us / other.p50Us;
    },
  };
}

function latencyBelow(name: string, goal: string, of: (latency: Latency) => number, ms: number): Goal {
  return {
    workload: "W6",
    goal,
    bound: { below: ms },
    unit: "ms",
    figure(results) {
      const latency = latencyOf(results, name);
      return latency && of(latency) / 1_000;
    },
  };
}

/** How much longer the same takes, in percent. */
function cost(workload: WorkloadId, goal: string, name: string, percent: number): Goal {
  return {
    workload,
    goal,
    bound: { below: percent },
    unit: "percent",
    figure(results) {
      const own = ratesOf(results, name);
      const free = ratesOf(results, "at-most-once");
      return own && free && (pairedRatio(free, own) - 1) * 100;
    },
  };
}

function latencyOf(results: WorkloadResults, name: string): Latency | undefined {
  const row = results.rows.find((row) => row.name === name);
  return row?.kind === "measured" ? row.latency : undefined;
}
