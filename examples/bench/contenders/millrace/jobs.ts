/**
 * millrace on W1 to W4 and W11: a job per round, submitted to a system that stays; the start of the job is measured with it. Under
 * exactly-once, with a checkpoint as often as by default.
 */

import type { JobDefinition, JobRun } from "../../../../jobs/index.ts";
import { SecondsCheck } from "../../bridge-windows.ts";
import type { Contender } from "../../contender.ts";
import {
  type BridgeParams,
  bridgeAnswer,
  countPerBridge,
  eachToCounter,
  heavyCrossings,
  type KeyCount,
  sumPerSecond,
} from "./bridge-jobs.ts";
import { systemContender } from "./system-contender.ts";

/** W1, on the calling thread. */
export const heavy = contender(0, 1, heavyCrossings, async (run) => {
  const report = await run.completed;
  return [report.operators.find(({ name }) => name === "kept")?.total.in ?? 0];
});

/** W2 on the calling thread, and with W11 on one and two, with a source and a counter on each. */
export function perBridge(threads: number): Contender {
  return contender(threads, Math.max(threads, 1), countPerBridge, countsOf);
}

/** W4: one source and one counter on two threads; either each event is sent, or what has been counted of them. */
export function hop(sent: "events" | "counts"): Contender {
  return contender(2, 1, sent === "events" ? eachToCounter : countPerBridge, countsOf);
}

/** W3 */
export function perSecond(threads: number, parallelism: number): Contender {
  return contender(threads, parallelism, sumPerSecond, async (run) => {
    await run.completed;
    const check = new SecondsCheck();
    for (const answer of run.collected<readonly number[]>("answers")) check.addAnswer(answer);
    return check.toAnswer();
  });
}

function contender(
  threads: number,
  parallelism: number,
  job: JobDefinition<BridgeParams>,
  answerOf: (run: JobRun) => Promise<readonly number[]>,
): Contender {
  return systemContender({ threads }, async (system, events) => {
    const run = await system.submit(job, { guarantee: "exactly-once", params: { events, parallelism } });
    return { answer: await answerOf(run) };
  });
}

async function countsOf(run: JobRun): Promise<readonly number[]> {
  await run.completed;
  return bridgeAnswer(run.collected<KeyCount>("counts"));
}
