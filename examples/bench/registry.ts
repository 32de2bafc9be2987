/**
 * All contenders by workload. Modules are loaded lazily: the bench itself needs the names only, and the process of one
 * contender must not load another's library.
 *
 * millrace takes part with one entry per workload, role "millrace"; the report then shows ratios to it too.
 */

import type { Guarantee } from "../../jobs/index.ts";
import type { Contender } from "./contender.ts";
import type { Checkpoints } from "./contenders/millrace/guarantees.ts";
import type { WorkloadId } from "./workload.ts";

/**
 * reference: what ratios are relative to; limit: not a system, but what the hardware allows; peer: a rival; variant:
 * millrace beside millrace, under another guarantee or load.
 */
export type Role = "reference" | "limit" | "peer" | "millrace" | "variant";

export interface ContenderEntry {
  readonly workload: WorkloadId;
  readonly name: string;
  readonly role: Role;
  /** What it is made of, in a few words for the table. */
  readonly form: string;
  readonly load: () => Promise<Contender>;
}

const loop = () => import("./contenders/loop.ts");
const rxjs = () => import("./contenders/rxjs.ts");
const effect = () => import("./contenders/effect.ts");
const nodeStreams = () => import("./contenders/node-streams.ts");
const generators = () => import("./contenders/async-generators.ts");
const clone = () => import("./contenders/hop/clone.ts");
const rows = () => import("./contenders/hop/msgpackr-rows.ts");
const columns = () => import("./contenders/hop/typed-columns.ts");
const messagePort = () => import("./contenders/ask/message-port.ts");
const futex = () => import("./contenders/ask/futex.ts");
const millraceJobs = () => import("./contenders/millrace/jobs.ts");
const millraceAsk = () => import("./contenders/millrace/ask.ts");
const millraceGuarantees = () => import("./contenders/millrace/guarantees.ts");
const millraceThreadCrash = () => import("./contenders/millrace/recovery/thread-crash.ts");
const millraceProcessDeath = () => import("./contenders/millrace/recovery/process-death.ts");
const millraceWindows = () => import("./contenders/millrace/windows.ts");

export const registry: readonly ContenderEntry[] = [
  entry("W1", "loop", "reference", "loop, events as heap objects", async () => (await loop()).heavyLoop),
  entry(
    "W1",
    "loop-erased",
    "limit",
    "loop, objects removed by the compiler",
    async () => (await loop()).erasedHeavyLoop,
  ),
  entry("W1", "rxjs", "peer", "RxJS 7, synchronous source", async () => (await rxjs()).heavy),
  entry("W1", "effect", "peer", "Effect 4 Stream, chunks of 1024", async () => (await effect()).heavy),
  entry("W1", "async-generators", "peer", "async generators, batches of 256", async () => (await generators()).heavy),
  entry("W1", "node-streams", "peer", "Node streams, object mode", async () => (await nodeStreams()).heavy),

  entry("W1", "millrace", "millrace", "job, threads: 0", async () => (await millraceJobs()).heavy),

  entry("W2", "loop", "reference", "loop, events as heap objects", async () => (await loop()).countLoop),
  entry(
    "W2",
    "loop-erased",
    "limit",
    "loop, objects removed by the compiler",
    async () => (await loop()).erasedCountLoop,
  ),
  entry("W2", "rxjs", "peer", "RxJS 7 reduce", async () => (await rxjs()).perBridge),
  entry("W2", "effect", "peer", "Effect 4 Stream runFold, chunks of 1024", async () => (await effect()).perBridge),
  entry(
    "W2",
    "async-generators",
    "peer",
    "async generators, batches of 256",
    async () => (await generators()).perBridge,
  ),
  entry("W2", "node-streams", "peer", "Node streams, object mode", async () => (await nodeStreams()).perBridge),

  entry("W2", "millrace", "millrace", "job, threads: 0", async () => (await millraceJobs()).perBridge(0)),

  entry("W4", "loop", "reference", "the loop of W2, on one thread, no hop", async () => (await loop()).countLoop),
  entry("W4", "columns-1024", "limit", "typed columns transferred, 1024 rows", async () =>
    (await columns()).columnsOf(1024),
  ),
  entry("W4", "msgpackr-256", "peer", "msgpackr rows, batches of 256", async () => (await rows()).rowsOf(256)),
  entry("W4", "msgpackr-1024", "peer", "msgpackr rows, batches of 1024", async () => (await rows()).rowsOf(1024)),
  entry("W4", "clone-256", "peer", "structured clone, batches of 256", async () => (await clone()).batchesOf(256)),
  entry("W4", "clone-1024", "peer", "structured clone, batches of 1024", async () => (await clone()).batchesOf(1024)),
  entry("W4", "clone-one", "peer", "structured clone, one by one", async () => (await clone()).oneByOne()),

  entry("W4", "millrace", "millrace", "job, threads: 2", async () => (await millraceJobs()).perBridge(2)),

  entry("W5", "port-main", "reference", "MessagePort, main and a worker", async () => (await messagePort()).fromMain()),
  entry("W5", "port-workers", "peer", "MessagePort, two workers", async () => (await messagePort()).betweenWorkers()),
  entry("W5", "millrace-main", "millrace", "ask from main to a worker", async () => (await millraceAsk()).fromMain()),
  entry("W5", "millrace", "millrace", "ask between two workers", async () => (await millraceAsk()).betweenWorkers()),
  entry("W5", "futex", "limit", "Atomics.wait, both threads blocked", async () =>
    (await futex()).betweenBlockedWorkers(),
  ),

  entry("W8", "100-keys", "reference", "threads stand by; 100 keys in the instance that dies, in memory", async () =>
    (await millraceThreadCrash()).threadCrash(100, "memory"),
  ),
  entry("W8", "100-keys-stored", "variant", "the same, checkpoints in a file", async () =>
    (await millraceThreadCrash()).threadCrash(100, "file"),
  ),
  entry("W8", "100000-keys", "variant", "100,000 keys in the instance that dies, checkpoints in a file", async () =>
    (await millraceThreadCrash()).threadCrash(100_000, "file"),
  ),
  entry("W8", "100-keys-at-once", "variant", "100 keys, each crash 50 to 250 ms after a recovery", async () =>
    (await millraceThreadCrash()).threadCrash(100, "memory", "at-once"),
  ),

  entry("W8-process", "100-keys", "reference", "supervise, 100 keys, a process stands by", async () =>
    (await millraceProcessDeath()).processDeath(100, true),
  ),
  entry("W8-process", "100000-keys", "variant", "the same, 100,000 keys", async () =>
    (await millraceProcessDeath()).processDeath(100_000, true),
  ),
  entry("W8-process", "cold", "variant", "100 keys, no process stands by: start of Node included", async () =>
    (await millraceProcessDeath()).processDeath(100, false),
  ),

  ...guaranteeEntries("W9", async (...how) => (await millraceGuarantees()).perBridge(...how)),
  ...guaranteeEntries("W9-threads", async (...how) => (await millraceGuarantees()).perAirport(...how)),

  entry("windows", "tumbling", "reference", "tumbling(1h): each event in one window", async () =>
    (await millraceWindows()).windows("hour"),
  ),
  entry("windows", "tumbling-1s", "variant", "tumbling(1s): a result for each second, as sliding has", async () =>
    (await millraceWindows()).windows("second"),
  ),
  entry("windows", "sliding", "variant", "sliding(1h, 1s): each event in 3,600 windows", async () =>
    (await millraceWindows()).windows("sliding"),
  ),
];

export function findEntry(workload: string, name: string): ContenderEntry {
  const found = registry.find((candidate) => candidate.workload === workload && candidate.name === name);
  if (found === undefined) throw new Error(`no contender "${name}" for workload "${workload}"`);
  return found;
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

function entry(
  workload: WorkloadId,
  name: string,
  role: Role,
  form: string,
  load: () => Promise<Contender>,
): ContenderEntry {
  return { workload, name, role, form, load };
}
