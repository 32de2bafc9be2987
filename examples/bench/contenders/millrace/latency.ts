/** millrace on W6: a stream at a rate, on two threads. What is measured begins when the stream has run for a while. */

import type { Guarantee } from "../../../../jobs/index.ts";
import type { Contender } from "../../contender.ts";
import { LatencyHistogram } from "../../latency-histogram.ts";
import { startTaking } from "../../taken.ts";
import { type LatencySeen, paced } from "./latency-job.ts";
import { systemContender } from "./system-contender.ts";

const parallelism = 2;
/** In the first round code is compiled; in each, connections and heaps come to their size. */
const warmUpMs = 1_000;

/** @param perSecond events offered, both sources together */
export function latencyAt(perSecond: number, guarantee: Guarantee): Contender {
  const ratePerMs = perSecond / 1_000;
  return systemContender({ threads: parallelism }, async (system, ms) => {
    // Under at-most-once a live source, as those are that nobody can ask again: one that is replayable notes with main how far it reads.
    const replayable = guarantee !== "at-most-once";
    const params = { ratePerMs, warmUpMs, totalMs: warmUpMs + ms, parallelism, replayable };
    const run = await system.submit(paced, { params, guarantee });
    await run.started;
    const taken = startTaking();
    await run.completed;
    const { wallMs, cpuMs } = taken();
    const seen = run.collected<LatencySeen>("seen");
    const all = new LatencyHistogram();
    for (const { recorded } of seen) all.add(recorded);
    const count = ratePerMs * params.totalMs;
    const lacking = count - sum(seen.map(({ events }) => events));
    const wrong = (count * (count - 1)) / 2 - sum(seen.map(({ indexSum }) => indexSum));
    return {
      // A stream that keeps up has all of its events behind it when the last one was due.
      flow: { wallMs: wallMs - warmUpMs, cpuMs: (cpuMs * ms) / params.totalMs },
      answer: [Math.abs(lacking) + Math.abs(wrong)],
      recorded: all.toRecorded(),
      longestPauseMs: Math.max(...seen.map(({ longestPauseMs }) => longestPauseMs)),
    };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
