/** millrace on W1 to W4 and W11: a job per round, submitted to a system that stays; the start of the job is measured with it. */

import type { JobDefinition, JobRun } from "../../../../jobs/index.ts";
import { bridgeCount } from "../../bridge-event.ts";
import { SecondsCheck } from "../../bridge-windows.ts";
import type { Contender } from "../../contender.ts";
import { type BridgeParams, countPerBridge, heavyCrossings, sumPerSecond } from "./bridge-jobs.ts";
import { systemContender } from "./system-contender.ts";

/** W1, on the calling thread. */
export const heavy = contender(0, 1, heavyCrossings, async (run) => {
  const report = await run.completed;
  return [report.operators.find(({ name }) => name === "kept")?.total.in ?? 0];
});

/** W2 on the calling thread; on two, W4 with one source and one counter, W2 and W11 with one of each on each thread. */
export function perBridge(threads: number, parallelism: number): Contender {
  return contender(threads, parallelism, countPerBridge, async (run) => {
    await run.completed;
    const answer = new Array<number>(bridgeCount).fill(0);
    for (const { key, count } of run.collected<{ key: number; count: number }>("counts")) answer[key] = count;
    return answer;
  });
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
    return { answer: await answerOf(await system.submit(job, { params: { events, parallelism } })) };
  });
}
