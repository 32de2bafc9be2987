/** W4 and W5: what passes from one thread to another. */

import { type ContenderEntry, entry } from "../contender-entry.ts";

const loop = () => import("../contenders/loop.ts");
const clone = () => import("../contenders/hop/clone.ts");
const rows = () => import("../contenders/hop/msgpackr-rows.ts");
const columns = () => import("../contenders/hop/typed-columns.ts");
const messagePort = () => import("../contenders/ask/message-port.ts");
const futex = () => import("../contenders/ask/futex.ts");
const java = () => import("../contenders/hop/java/array-blocking-queue.ts");
const mailbox = () => import("../contenders/tells/mailbox.ts");
const xstate = () => import("../contenders/tells/xstate.ts");
const nact = () => import("../contenders/tells/nact.ts");
const port = () => import("../contenders/tells/port.ts");
const redis = () => import("../contenders/tells/redis-here.ts");
const bullmq = () => import("../contenders/tells/bullmq.ts");
const jobs = () => import("../contenders/millrace/jobs.ts");
const millraceTells = () => import("../contenders/millrace/tells.ts");
const millraceAsk = () => import("../contenders/millrace/ask.ts");

export const betweenThreads: readonly ContenderEntry[] = [
  entry("W4", "loop", "reference", "the loop of W2, on one thread, no hop", async () => (await loop()).countLoop),
  entry("W4", "columns-1024", "limit", "typed columns transferred, 1024 rows", async () => {
    return (await columns()).columnsOf(1024, "bare");
  }),
  entry("W4", "columns-objects", "limit", "the same, with an object of each event at both ends", async () => {
    return (await columns()).columnsOf(1024, "objects");
  }),
  entry("W4", "msgpackr-256", "peer", "msgpackr rows, batches of 256", async () => (await rows()).rowsOf(256)),
  entry("W4", "msgpackr-1024", "peer", "msgpackr rows, batches of 1024", async () => (await rows()).rowsOf(1024)),
  entry("W4", "clone-256", "peer", "structured clone, batches of 256", async () => (await clone()).batchesOf(256)),
  entry("W4", "clone-1024", "peer", "structured clone, batches of 1024", async () => (await clone()).batchesOf(1024)),
  entry("W4", "clone-one", "peer", "structured clone, one by one", async () => (await clone()).oneByOne()),
  entry("W4", "java-queue", "peer", "Java, ArrayBlockingQueue(1024)", async () => (await java()).arrayBlockingQueue(), {
    missing: async () => (await java()).missingJava(),
  }),
  entry("W4", "millrace", "millrace", "job, threads: 2, each event is sent", async () => {
    return (await jobs()).hop("events");
  }),
  entry("W4", "pre-aggregated", "variant", "the same as by default: counts are sent", async () => {
    return (await jobs()).hop("counts");
  }),

  entry("W5", "port-main", "reference", "MessagePort, main and a worker", async () => (await messagePort()).fromMain()),
  entry("W5", "port-workers", "peer", "MessagePort, two workers", async () => (await messagePort()).betweenWorkers()),
  entry("W5", "millrace-main", "millrace", "ask from main to a worker", async () => (await millraceAsk()).fromMain()),
  entry("W5", "millrace", "millrace", "ask between two workers", async () => (await millraceAsk()).betweenWorkers()),
  entry("W5", "wait-async", "limit", "Atomics.waitAsync, two workers", async () => {
    return (await futex()).betweenServingWorkers();
  }),
  entry("W5", "futex", "limit", "Atomics.wait, both threads blocked", async () => {
    return (await futex()).betweenBlockedWorkers();
  }),

  entry("W5-tells", "mailbox", "reference", "same thread: array and microtask", async () => (await mailbox()).mailbox),
  entry("W5-tells", "xstate", "peer", "same thread: XState 5, from a transition", async () => {
    return (await xstate()).transitionActor;
  }),
  entry("W5-tells", "nact", "peer", "same thread: nact 7", async () => (await nact()).statefulActor),
  entry("W5-tells", "millrace", "millrace", "same thread", async () => (await millraceTells()).tellsTo(0)),
  entry("W5-tells", "port", "peer", "to a worker thread: a message each", async () => (await port()).toWorker()),
  entry("W5-tells", "millrace-threads", "millrace", "to a worker thread", async () =>
    (await millraceTells()).tellsTo(1),
  ),
  entry(
    "W5-tells",
    "bullmq",
    "peer",
    "BullMQ 6, Redis on this machine; 1 in 100 of the tells",
    async () => (await bullmq()).throughRedis(),
    { slowness: 100, missing: async () => (await redis()).missingRedis() },
  ),
];
