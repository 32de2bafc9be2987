/** W6 to W11 and windows: millrace beside itself, and beside a plain loop. */

import { availableParallelism } from "node:os";
import type { Guarantee } from "../../../jobs/index.ts";
import type { Contender } from "../contender.ts";
import { type ContenderEntry, entry } from "../contender-entry.ts";
import type { Checkpoints } from "../contenders/millrace/guarantees.ts";
import type { WorkloadId } from "../workloads.ts";

const flightsLoop = () => import("../contenders/flights-loop.ts");
const jobs = () => import("../contenders/millrace/jobs.ts");
const flights = () => import("../contenders/millrace/flights.ts");
const guarantees = () => import("../contenders/millrace/guarantees.ts");
const threadCrash = () => import("../contenders/millrace/recovery/thread-crash.ts");
const processDeath = () => import("../contenders/millrace/recovery/process-death.ts");
const manyKeys = () => import("../contenders/millrace/many-keys.ts");
const latency = () => import("../contenders/millrace/latency.ts");
const windows = () => import("../contenders/millrace/windows.ts");

export const millrace: readonly ContenderEntry[] = [
  entry("W6", "100k", "reference", "100,000 events/s of a live source", async () =>
    (await latency()).latencyAt(100_000, "at-most-once"),
  ),
  entry(
    "W6",
    "100k-exactly-once",
    "variant",
    "100,000 events/s of a source that can be replayed, exactly-once",
    async () => {
      return (await latency()).latencyAt(100_000, "exactly-once");
    },
  ),
  entry("W6", "10k", "variant", "10,000 events/s", async () => (await latency()).latencyAt(10_000, "at-most-once")),
  entry("W6", "500k", "variant", "500,000 events/s", async () => (await latency()).latencyAt(500_000, "at-most-once")),

  entry("W7", "loop", "reference", "hyparquet and a loop, one thread", async () => (await flightsLoop()).flightsLoop),
  entry("W7", "millrace", "millrace", "as npm start: two threads, exactly-once", async () => {
    return (await flights()).perAirport(2, "exactly-once");
  }),
  entry("W7", "one-thread", "variant", "one worker thread, exactly-once", async () => {
    return (await flights()).perAirport(1, "exactly-once");
  }),
  entry("W7", "at-most-once", "variant", "two threads, at-most-once", async () => {
    return (await flights()).perAirport(2, "at-most-once");
  }),

  entry("W8", "100-keys", "reference", "threads stand by; 100 keys in the instance that dies, in memory", async () => {
    return (await threadCrash()).threadCrash(100, "memory");
  }),
  entry("W8", "100-keys-stored", "variant", "the same, checkpoints in a file", async () => {
    return (await threadCrash()).threadCrash(100, "file");
  }),
  entry("W8", "100000-keys", "variant", "100,000 keys in the instance that dies, checkpoints in a file", async () => {
    return (await threadCrash()).threadCrash(100_000, "file");
  }),
  entry("W8", "100-keys-at-once", "variant", "100 keys, each crash 50 to 250 ms after a recovery", async () => {
    return (await threadCrash()).threadCrash(100, "memory", "at-once");
  }),

  entry("W8-process", "100-keys", "reference", "supervise, 100 keys, a process stands by", async () => {
    return (await processDeath()).processDeath(100, true);
  }),
  entry("W8-process", "100000-keys", "variant", "the same, 100,000 keys", async () => {
    return (await processDeath()).processDeath(100_000, true);
  }),
  entry("W8-process", "cold", "variant", "100 keys, no process stands by: start of Node included", async () => {
    return (await processDeath()).processDeath(100, false);
  }),

  ...guaranteeEntries("W9", async (...how) => (await guarantees()).perBridge(...how)),
  ...guaranteeEntries("W9-threads", async (...how) => (await guarantees()).perAirport(...how)),

  entry("W10", "10k-keys", "reference", "10 thousand keys", async () => (await manyKeys()).manyKeys(10_000)),
  entry("W10", "100k-keys", "variant", "100 thousand keys", async () => (await manyKeys()).manyKeys(100_000)),
  entry("W10", "1M-keys", "variant", "1 million keys", async () => (await manyKeys()).manyKeys(1_000_000)),
  entry("W10", "10M-keys", "variant", "10 million keys", async () => (await manyKeys()).manyKeys(10_000_000), {
    large: true,
  }),

  ...threadCounts().map((threads) =>
    entry(
      "W11",
      `${threads}-${threads === 1 ? "thread" : "threads"}`,
      threads === 1 ? "reference" : "variant",
      `${threads} worker ${threads === 1 ? "thread" : "threads"}`,
      async () => (await jobs()).perBridge(threads),
    ),
  ),

  entry("windows", "tumbling", "reference", "tumbling(1h): each event in one window", async () => {
    return (await windows()).windows("hour");
  }),
  entry("windows", "tumbling-1s", "variant", "tumbling(1s): a result for each second, as sliding has", async () => {
    return (await windows()).windows("second");
  }),
  entry("windows", "sliding", "variant", "sliding(1h, 1s): each event in 3,600 windows", async () => {
    return (await windows()).windows("sliding");
  }),
];

/** One, two, and on as far as there are cores. */
function threadCounts(): readonly number[] {
  return [1, 2, 4, 8, 16, 32].filter((threads) => threads <= Math.max(2, availableParallelism()));
}

function guaranteeEntries(
  workload: WorkloadId,
  load: (guarantee: Guarantee, checkpoints: Checkpoints) => Promise<Contender>,
): readonly ContenderEntry[] {
  const others = ["at-least-once", "exactly-once"] as const;
  return [
    entry(workload, "at-most-once", "reference", "no checkpoints", () => load("at-most-once", "memory")),
    ...others.map((guarantee) =>
      entry(workload, guarantee, "variant", "checkpoints in memory", () => load(guarantee, "memory")),
    ),
    entry(workload, "exactly-once-stored", "variant", "checkpoints in a file", () => load("exactly-once", "file")),
  ];
}
