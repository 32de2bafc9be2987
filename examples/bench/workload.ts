/** The workloads: what is counted, in which unit it is reported, and which answer is right. */

import { BridgeCounts } from "./bridge-counts.ts";
import { bridgeEventAt, heavyFrom, weightRange } from "./bridge-event.ts";

export const workloadIds = ["W1", "W2", "W4", "W5", "W8", "W8-process", "W9", "W9-threads", "windows"] as const;
export type WorkloadId = (typeof workloadIds)[number];

export interface Workload {
  readonly id: WorkloadId;
  readonly title: string;
  readonly rateLabel: string;
  /** Rates are divided by this before they are printed under `rateLabel`. */
  readonly rateScale: number;
  /** What a round has `units` of. */
  readonly unit: "events" | "asks" | "crashes";
  /** What single latencies are printed in; undefined where none are measured. */
  readonly latencyUnit: "us" | "ms" | undefined;
  /** How many units one round has when the user asks for `events` events. */
  unitsFor(events: number): number;
  expectedAnswer(units: number): readonly number[];
}

/** An ask costs a thread wake-up, some hundred times what an event costs in the other workloads. */
const eventsPerAsk = 100;
/** A crash takes about a second, with the time that passes until a thread stands by again: 4 in a round, 20 in five of them. */
const eventsPerCrash = 500_000;
/** Until a process stands by again it takes two to three, and a round some more. */
const eventsPerKill = 1_000_000;

export const workloads: Readonly<Record<WorkloadId, Workload>> = {
  W1: {
    id: "W1",
    title: "map to a new object, keep weight >= 1000, count (one thread)",
    rateLabel: "M events/s",
    rateScale: 1e6,
    unit: "events",
    latencyUnit: undefined,
    unitsFor: (events) => events,
    expectedAnswer: (units) => [heavyCount(units)],
  },
  W2: {
    id: "W2",
    title: "count per bridge, 1000 keys (one thread)",
    rateLabel: "M events/s",
    rateScale: 1e6,
    unit: "events",
    latencyUnit: undefined,
    unitsFor: (events) => events,
    expectedAnswer: countsPerBridge,
  },
  W4: {
    id: "W4",
    title: "source on thread A, count per bridge on thread B",
    rateLabel: "M events/s",
    rateScale: 1e6,
    unit: "events",
    latencyUnit: undefined,
    unitsFor: (events) => events,
    expectedAnswer: countsPerBridge,
  },
  W5: {
    id: "W5",
    title: "ask and reply between two threads, one at a time",
    rateLabel: "k asks/s",
    rateScale: 1e3,
    unit: "asks",
    latencyUnit: "us",
    unitsFor: (events) => Math.max(1, Math.floor(events / eventsPerAsk)),
    // Ask number i carries i and is answered by i + 1; the answer is the sum of the replies.
    expectedAnswer: (units) => [(units * (units + 1)) / 2],
  },
  W8: {
    id: "W8",
    title: "a thread dies under exactly-once: from its end to the next checkpoint that shows results",
    rateLabel: "crashes/s",
    rateScale: 1,
    unit: "crashes",
    latencyUnit: "ms",
    unitsFor: (events) => crashesFor(events, eventsPerCrash),
    // No result lost or doubled, or of a wrong state.
    expectedAnswer: () => [0],
  },
  "W8-process": {
    id: "W8-process",
    title: "the process dies by SIGKILL under supervise: from its end to the first results of the next process",
    rateLabel: "crashes/s",
    rateScale: 1,
    unit: "crashes",
    latencyUnit: "ms",
    unitsFor: (events) => crashesFor(events, eventsPerKill),
    // No result lost or doubled, or of a wrong state.
    expectedAnswer: () => [0],
  },
  W9: {
    id: "W9",
    title: "W2 under each guarantee, a checkpoint every 200 ms (one thread)",
    rateLabel: "M events/s",
    rateScale: 1e6,
    unit: "events",
    latencyUnit: undefined,
    unitsFor: (events) => events,
    expectedAnswer: countsPerBridge,
  },
  "W9-threads": {
    id: "W9-threads",
    title: "the job of npm start over made-up flights, under each guarantee (two threads)",
    rateLabel: "M events/s",
    rateScale: 1e6,
    unit: "events",
    latencyUnit: undefined,
    unitsFor: (events) => events,
    expectedAnswer: (units) => [units],
  },
  windows: {
    id: "windows",
    title: "count per key by windows of an hour, one behind the other and one each second (one thread)",
    rateLabel: "M events/s",
    rateScale: 1e6,
    unit: "events",
    latencyUnit: undefined,
    unitsFor: (events) => events,
    expectedAnswer: (units) => [units],
  },
};

/** Where the answers differ, for a reader; undefined when they are equal. */
export function differenceOf(expected: readonly number[], actual: readonly number[]): string | undefined {
  if (actual.length !== expected.length) return `expected ${expected.length} numbers, got ${actual.length}`;
  const index = expected.findIndex((value, position) => value !== actual[position]);
  if (index === -1) return undefined;
  return `number ${index} of the answer: expected ${expected[index]}, got ${actual[index]}`;
}

function crashesFor(events: number, eventsPerOne: number): number {
  return Math.max(1, Math.floor(events / eventsPerOne));
}

function heavyCount(units: number): number {
  const full = Math.floor(units / weightRange);
  return full * (weightRange - heavyFrom) + Math.max(0, (units % weightRange) - heavyFrom);
}

function countsPerBridge(units: number): number[] {
  const counts = new BridgeCounts();
  for (let index = 0; index < units; index++) counts.add(bridgeEventAt(index).bridge);
  return counts.toAnswer();
}
