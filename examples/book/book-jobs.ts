/** The jobs of the book by name: how each is started, fed and shown. */

import type { ActorSystem, JobRun } from "../../jobs/index.ts";
import { fork } from "./fork.ts";
import { fraudDetection } from "./fraud-detection.ts";
import { merge } from "./merge.ts";
import { split } from "./split.ts";
import { systemUsage } from "./system-usage.ts";
import { twoCountersByKey } from "./two-counters-by-key.ts";
import { twoCountersShuffle } from "./two-counters-shuffle.ts";
import { twoReaders } from "./two-readers.ts";
import { CountView, DecisionView, type UpdateView, UsageView } from "./update-view.ts";
import { vehicleCount } from "./vehicle-count.ts";

export interface BookJob {
  readonly name: string;
  readonly chapter: number;
  readonly summary: string;
  /** How many ports it listens on: the first one, and those that follow it. */
  readonly portCount: 1 | 2;
  /** What to type. */
  readonly input: string;
  /** Lines for a demonstration, for the ports in turns. */
  readonly demo: readonly string[];
  /** How many updates one good line leads to. */
  readonly updatesPerLine: number;
  start(system: ActorSystem, ports: readonly number[]): Promise<JobRun>;
  createView(): UpdateView;
}

const vehicles = {
  input: 'a type of vehicle per line, such as "car" or "truck"',
  demo: ["car", "truck", "car", "van", "car", "", "truck", "bus", "lorry"],
  updatesPerLine: 1,
  createView: () => new CountView(),
};

const transactions = {
  input: 'a transaction per line, "<user> <amount> <shop>" such as "ann 42.00 7"',
  updatesPerLine: 1,
};

export const bookJobs: readonly BookJob[] = [
  {
    ...vehicles,
    name: "vehicle-count",
    chapter: 2,
    summary: "one sensor reader, one counter",
    portCount: 1,
    start: (system, ports) => system.submit(vehicleCount, { params: { port: first(ports) } }),
  },
  {
    ...vehicles,
    name: "two-readers",
    chapter: 3,
    summary: "two sensor readers on two ports, one counter",
    portCount: 2,
    start: (system, ports) => system.submit(twoReaders, { params: { ports } }),
  },
  {
    ...vehicles,
    name: "two-counters-shuffle",
    chapter: 3,
    summary: "two readers, two counters that get the vehicles in turns",
    portCount: 2,
    start: (system, ports) => system.submit(twoCountersShuffle, { params: { ports } }),
  },
  {
    ...vehicles,
    name: "two-counters-by-key",
    chapter: 3,
    summary: "two readers, two counters, each type of vehicle on one of them",
    portCount: 2,
    start: (system, ports) => system.submit(twoCountersByKey, { params: { ports } }),
  },
  {
    ...vehicles,
    name: "fork",
    chapter: 4,
    summary: "one stream with two consumers, each with a grouping of its own",
    portCount: 1,
    updatesPerLine: 2,
    start: (system, ports) => system.submit(fork, { params: { port: first(ports) } }),
  },
  {
    ...vehicles,
    name: "merge",
    chapter: 4,
    summary: "two sources, one consumer",
    portCount: 2,
    start: (system, ports) => system.submit(merge, { params: { north: first(ports), south: second(ports) } }),
  },
  {
    ...vehicles,
    name: "split",
    chapter: 4,
    summary: "one stream with three named channels: cars, heavy, others",
    portCount: 1,
    start: (system, ports) => system.submit(split, { params: { port: first(ports) } }),
  },
  {
    ...transactions,
    name: "fraud-detection",
    chapter: 4,
    summary: "three analyzers score each transaction, their scores are merged into a decision",
    portCount: 1,
    demo: [
      "ann 20.00 7 @100",
      "tim 35.50 3 @110",
      "ann 25.00 9 @400",
      "ann 950.00 9 @900",
      "tim 30.00 900 @112",
      "tim a lot",
      "tim 31.00 3 @5000",
    ],
    start: (system, ports) => system.submit(fraudDetection, { params: { port: first(ports) } }),
    createView: () => new DecisionView(),
  },
  {
    ...transactions,
    name: "system-usage",
    chapter: 5,
    summary: "two analyzers count transactions and, by a service, frauds",
    portCount: 1,
    demo: ["ann 20.00 7", "bob 1200.00 3", "ann 25.00 9", "hello", "bob 30.00 4", "eve 5000.00 1"],
    start: (system, ports) => system.submit(systemUsage, { params: { port: first(ports) } }),
    createView: () => new UsageView(),
  },
];

function first(ports: readonly number[]): number {
  return ports[0] as number;
}

function second(ports: readonly number[]): number {
  return ports[1] as number;
}
