/** millrace on W1 to W4: a job per round, submitted to a system that stays; the start of the job is measured with it. */

import { ActorSystem, type JobDefinition, type JobRun } from "../../../../jobs/index.ts";
import { bridgeCount } from "../../bridge-event.ts";
import type { Contender } from "../../contender.ts";
import { type BridgeParams, countPerBridge, heavyCrossings } from "./bridge-jobs.ts";

/** W1, on the calling thread. */
export const heavy = contender(0, heavyCrossings, async (run) => {
  const report = await run.completed;
  return [report.operators.find(({ name }) => name === "kept")?.total.in ?? 0];
});

/** W2 on the calling thread, W4 with source and counter on threads of their own. */
export function perBridge(threads: number): Contender {
  return contender(threads, countPerBridge, async (run) => {
    await run.completed;
    const answer = new Array<number>(bridgeCount).fill(0);
    for (const { key, count } of run.collected<{ key: number; count: number }>("counts")) answer[key] = count;
    return answer;
  });
}

function contender(
  threads: number,
  job: JobDefinition<BridgeParams>,
  answerOf: (run: JobRun) => Promise<readonly number[]>,
): Contender {
  let system: ActorSystem | undefined;
  return {
    async setup() {
      system = await ActorSystem.start({ threads });
    },
    async round(events) {
      if (system === undefined) throw new Error("not set up");
      return { answer: await answerOf(await system.submit(job, { params: { events } })) };
    },
    async teardown() {
      await system?.stop();
    },
  };
}
