/** The workloads by their names, in the order in which they run. Events are those of bridge-event.ts, unless it says otherwise. */

import { flightsFile } from "../flights/data-files.ts";
import { totalsByPlainLoop } from "../flights/fixtures/plain-loop.ts";
import { numbersOf } from "./airport-numbers.ts";
import { BridgeCounts } from "./bridge-counts.ts";
import { bridgeEventAt, heavyFrom, weightRange } from "./bridge-event.ts";
import { SecondsCheck, windowMs } from "./bridge-windows.ts";
import type { Workload } from "./workload.ts";

export const workloadIds = [
  "W1",
  "W2",
  "W3",
  "W4",
  "W5",
  "W5-tells",
  "W6",
  "W7",
  "W8",
  "W8-process",
  "W9",
  "W9-threads",
  "W10",
  "W11",
  "windows",
] as const;
export type WorkloadId = (typeof workloadIds)[number];

/** An ask costs a thread wake-up, some hundred times what an event costs in the other workloads. */
const eventsPerAsk = 100;
const eventsPerTell = 10;
/** Of a stream at a rate: 5 seconds in a round of two million events. */
const eventsPerMs = 400;
/** A crash takes about a second, with the time that passes until a thread stands by again: 4 in a round, 20 in five of them. */
const eventsPerCrash = 500_000;
/** Until a process stands by again it takes two to three, and a round some more. */
const eventsPerKill = 1_000_000;

/** As most workloads are measured: each contender in a process of its own. */
const apart = { roundsFor: (rounds: number) => rounds, isShared: false };

export const workloads: Readonly<Record<WorkloadId, Workload>> = {
  W1: compiled(
    throughput("map to a new object, keep weight >= 1000, count (one thread)", (units) => [heavyCount(units)]),
  ),
  W2: compiled(throughput("count per bridge, 1000 keys (one thread, and two)", countsPerBridge)),
  W3: compiled(
    throughput("sum of weight per bridge in event-time windows of 1 s (one thread, and two)", sumsPerSecond),
  ),
  W4: compiled(throughput("source on thread A, count per bridge on thread B", countsPerBridge)),
  W5: {
    title: "ask and reply between two threads, one at a time",
    rateLabel: "k asks/s",
    rateScale: 1e3,
    unit: "asks",
    latencyUnit: "us",
    unitsFor: (events) => share(events, eventsPerAsk),
    unitsBefore: () => 0,
    ...apart,
    // Ask number i carries i and is answered by i + 1; the answer is the sum of the replies.
    expectedAnswer: (units) => [(units * (units + 1)) / 2],
  },
  "W5-tells": {
    title: "tells in bursts of 1,000, and their latency one at a time",
    rateLabel: "k tells/s",
    rateScale: 1e3,
    unit: "tells",
    latencyUnit: "us",
    unitsFor: (events) => share(events, eventsPerTell),
    unitsBefore: () => 0,
    ...apart,
    // Tell number i carries i; the answer is their sum.
    expectedAnswer: (units) => [(units * (units - 1)) / 2],
  },
  W6: {
    title: "latency at a rate, from the moment at which an event is due to the end of a keyed stream (two threads)",
    rateLabel: "x real time",
    rateScale: 1e3,
    unit: "ms",
    latencyUnit: "ms",
    unitsFor: (events) => share(events, eventsPerMs),
    unitsBefore: () => 0,
    ...apart,
    // No event lost or doubled.
    expectedAnswer: () => [0],
  },
  W7: {
    ...throughput("the job of npm start: delays per airport of 3,000,000 flights in a Parquet file", airportNumbers),
    unitsFor: () => flightCount,
  },
  W8: crashes(
    "a thread dies under exactly-once: from its end to the next checkpoint that shows results",
    eventsPerCrash,
  ),
  "W8-process": crashes(
    "the process dies by SIGKILL under supervise: from its end to the first results of the next process",
    eventsPerKill,
  ),
  W9: paired(long(throughput("W2 under each guarantee, a checkpoint every 200 ms (one thread)", countsPerBridge))),
  "W9-threads": paired(
    long(
      throughput("the job of npm start over made-up flights, under each guarantee (two threads)", (units) => [units]),
    ),
  ),
  W10: throughput("count per key of 10 thousand to 10 million keys (one thread)", (units) => [units]),
  W11: long(
    compiled(throughput("W2 from one worker thread to one per core, a source and a counter on each", countsPerBridge)),
  ),
  windows: throughput(
    "count per key by windows of an hour, one behind the other and one each second (one thread)",
    (units) => [units],
  ),
};

/**
 * Two million events are over in 50 to 200 ms where they are fast: less than the time between two checkpoints. Of W11 so many times as many
 * are, on two threads, of which the start and the end of a job are a tenth.
 */
const roundTimes = 4;
/** So many rounds come before one that is counted: what is compiled last, the code that makes no objects, takes a quarter of a second. */
const roundsBefore = 2;
/** What guarantees may cost is less than what rounds differ by: the median of so many more is good for a few percent. */
const pairedRounds = 8;
/** Rows of the file of W7. */
const flightCount = 3_000_000;

function throughput(title: string, expectedAnswer: Workload["expectedAnswer"]): Workload {
  return {
    title,
    rateLabel: "M events/s",
    rateScale: 1e6,
    unit: "events",
    latencyUnit: undefined,
    unitsFor: (events) => events,
    unitsBefore: () => 0,
    ...apart,
    expectedAnswer,
  };
}

/** For events so fast that compiling would be much of a round. */
function compiled(workload: Workload): Workload {
  return { ...long(workload), unitsBefore: (units) => roundsBefore * units };
}

/** For contenders that differ by a few percent. */
function paired(workload: Workload): Workload {
  return { ...workload, roundsFor: (rounds) => pairedRounds * rounds, isShared: true };
}

/** For events so fast that a round would be over before much has happened. */
function long(workload: Workload): Workload {
  return { ...workload, unitsFor: (events) => roundTimes * workload.unitsFor(events) };
}

function crashes(title: string, eventsPerOne: number): Workload {
  return {
    title,
    rateLabel: "crashes/s",
    rateScale: 1,
    unit: "crashes",
    latencyUnit: "ms",
    unitsFor: (events) => share(events, eventsPerOne),
    unitsBefore: () => 0,
    ...apart,
    // No result lost or doubled, or of a wrong state.
    expectedAnswer: () => [0],
  };
}

function share(events: number, eventsPerOne: number): number {
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

/** Second by second, without the class that the contenders share. */
function sumsPerSecond(units: number): number[] {
  const check = new SecondsCheck();
  const sums = new Map<number, number>();
  for (let index = 0; index < units; index++) {
    const { bridge, ts, weight } = bridgeEventAt(index);
    sums.set(bridge, (sums.get(bridge) ?? 0) + weight);
    const isLast = index === units - 1 || bridgeEventAt(index + 1).ts % windowMs === 0;
    if (!isLast) continue;
    for (const [bridge, weight] of sums) check.add({ bridge, startMs: ts - (ts % windowMs), weight });
    sums.clear();
  }
  return check.toAnswer();
}

async function airportNumbers(): Promise<number[]> {
  return numbersOf(await totalsByPlainLoop(flightsFile()));
}
