/** W1 to W3: what one thread does, and what millrace does with a second one. */

import { type ContenderEntry, entry } from "../contender-entry.ts";

const loop = () => import("../contenders/loop.ts");
const rxjs = () => import("../contenders/rxjs.ts");
const effect = () => import("../contenders/effect.ts");
const nodeStreams = () => import("../contenders/node-streams.ts");
const generators = () => import("../contenders/async-generators.ts");
const windowPair = () => import("../contenders/window-pair/pair.ts");
const jobs = () => import("../contenders/millrace/jobs.ts");

export const oneThread: readonly ContenderEntry[] = [
  entry("W1", "loop", "reference", "loop, events as heap objects", async () => (await loop()).heavyLoop),
  entry("W1", "loop-erased", "limit", "loop, objects removed by the compiler", async () => {
    return (await loop()).erasedHeavyLoop;
  }),
  entry("W1", "rxjs", "peer", "RxJS 7, synchronous source", async () => (await rxjs()).heavy),
  entry("W1", "effect", "peer", "Effect 4 Stream, chunks of 1024", async () => (await effect()).heavy),
  entry("W1", "async-generators", "peer", "async generators, batches of 256", async () => (await generators()).heavy),
  entry("W1", "node-streams", "peer", "Node streams, object mode", async () => (await nodeStreams()).heavy),
  entry("W1", "millrace", "millrace", "job, threads: 0", async () => (await jobs()).heavy),

  entry("W2", "loop", "reference", "loop, events as heap objects", async () => (await loop()).countLoop),
  entry("W2", "loop-erased", "limit", "loop, objects removed by the compiler", async () => {
    return (await loop()).erasedCountLoop;
  }),
  entry("W2", "rxjs", "peer", "RxJS 7 reduce", async () => (await rxjs()).perBridge),
  entry("W2", "effect", "peer", "Effect 4 Stream runFold, chunks of 1024", async () => (await effect()).perBridge),
  entry("W2", "async-generators", "peer", "async generators, batches of 256", async () => {
    return (await generators()).perBridge;
  }),
  entry("W2", "node-streams", "peer", "Node streams, object mode", async () => (await nodeStreams()).perBridge),
  entry("W2", "millrace", "millrace", "job, threads: 0", async () => (await jobs()).perBridge(0)),
  entry("W2", "millrace-threads", "millrace", "job, threads: 2, two sources, two counters", async () => {
    return (await jobs()).perBridge(2);
  }),

  entry("W3", "loop", "reference", "loop, events as heap objects", async () => (await loop()).secondsLoop),
  entry("W3", "pair-threads", "limit", "two threads by hand, half sent as typed columns", async () => {
    return (await windowPair()).windowPair();
  }),
  entry("W3", "rxjs", "peer", "RxJS 7, an operator of its own", async () => (await rxjs()).perSecond),
  entry("W3", "effect", "peer", "Effect 4 Stream, chunks of 1024", async () => (await effect()).perSecond),
  entry("W3", "async-generators", "peer", "async generators, batches of 256", async () => {
    return (await generators()).perSecond;
  }),
  entry("W3", "node-streams", "peer", "Node streams, object mode", async () => (await nodeStreams()).perSecond),
  entry("W3", "millrace", "millrace", "job, threads: 0", async () => (await jobs()).perSecond(0, 1)),
  entry("W3", "millrace-threads", "millrace", "job, threads: 2, two sources, two windows", async () => {
    return (await jobs()).perSecond(2, 2);
  }),
];
