/**
 * What is allocated on the heap per event, and by which functions: the jobs of W1 to W3 on one thread, sampled once they are warm. What the
 * runtime allocates for each event is garbage that a user pays for; what it allocates for a batch is divided by a thousand.
 *
 *     npm run bench:allocations
 *
 * A sample is taken every few kilobytes, so a line says more the larger it is. Functions that the compiler has put into others are told
 * by their own names.
 */

import { Session } from "node:inspector/promises";
import { ActorSystem, type JobDefinition } from "../../jobs/index.ts";
import { type BridgeParams, countPerBridge, heavyCrossings, sumPerSecond } from "./contenders/millrace/bridge-jobs.ts";
import { formatTable } from "./text-table.ts";

const events = 2_000_000;
const warmUpRounds = 3;
/** One sample per so many bytes on average. */
const samplingInterval = 8_192;
/** Functions that allocate less per event are put together. */
const bytesShown = 0.1;

interface AllocationNode {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly selfSize: number;
  readonly children: readonly AllocationNode[];
}

await using system = await ActorSystem.start({ threads: 0 });
await show("W1: map to a new object, filter, count", heavyCrossings);
await show("W2: count per key", countPerBridge);
await show("W3: sum per key in windows of event time", sumPerSecond);

async function show(title: string, job: JobDefinition<BridgeParams>): Promise<void> {
  const bytes = new Map<string, number>();
  addTo(bytes, await allocationsOf(job));
  const rows = [...bytes].map(([place, sum]): [string, number] => [place, sum / events]).sort((a, b) => b[1] - a[1]);
  const total = rows.reduce((sum, [, each]) => sum + each, 0);
  const shown = rows.filter(([, each]) => each >= bytesShown);
  const rest = total - shown.reduce((sum, [, each]) => sum + each, 0);
  const columns = [
    { heading: "bytes per event", align: "right" },
    { heading: "allocated by", align: "left" },
  ] as const;
  const lines = [...shown, ["everything else", rest] as const, ["all", total] as const];
  const cells = lines.map(([place, each]) => [each.toFixed(2), place]);
  console.log(`\n${title}\n\n${formatTable(columns, cells)}`);
}

async function allocationsOf(job: JobDefinition<BridgeParams>): Promise<AllocationNode> {
  for (let round = 0; round < warmUpRounds; round += 1) await run(job);
  const session = new Session();
  session.connect();
  await session.post("HeapProfiler.enable");
  await session.post("HeapProfiler.startSampling", {
    samplingInterval,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  await run(job);
  const { profile } = await session.post("HeapProfiler.stopSampling");
  session.disconnect();
  return profile.head;
}

async function run(job: JobDefinition<BridgeParams>): Promise<void> {
  await (await system.submit(job, { params: { events } })).completed;
}

/** Adds what a function and those that it called have allocated, by their places in the code. */
function addTo(bytes: Map<string, number>, { callFrame, selfSize, children }: AllocationNode): void {
  const file = callFrame.url.split("/").slice(-2).join("/");
  const place = `${callFrame.functionName || "(anonymous)"}  ${file}:${callFrame.lineNumber + 1}`;
  if (selfSize > 0) bytes.set(place, (bytes.get(place) ?? 0) + selfSize);
  for (const child of children) addTo(bytes, child);
}
