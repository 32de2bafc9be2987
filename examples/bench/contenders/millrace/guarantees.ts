/** millrace on W5 and W6: the same job under each guarantee, checkpoints in memory at the default interval. */

import { ActorSystem, type Guarantee, type JobDefinition } from "../../../../jobs/index.ts";
import { bridgeCount } from "../../bridge-event.ts";
import type { Contender } from "../../contender.ts";
import { type BridgeParams, countPerBridge } from "./bridge-jobs.ts";
import { madeUpFlights } from "./flights-job.ts";

export function perBridge(guarantee: Guarantee): Contender {
  return contender(0, countPerBridge, "counts", guarantee, (counts: readonly { key: number; count: number }[]) => {
    const answer = new Array<number>(bridgeCount).fill(0);
    for (const { key, count } of counts) answer[key] = count;
    return answer;
  });
}

export function perAirport(guarantee: Guarantee): Contender {
  return contender(2, madeUpFlights, "totals", guarantee, (totals: readonly { flights: number }[]) => [
    totals.reduce((sum, { flights }) => sum + flights, 0),
  ]);
}

function contender<Result>(
  threads: number,
  job: JobDefinition<BridgeParams>,
  sink: string,
  guarantee: Guarantee,
  answerOf: (results: readonly Result[]) => readonly number[],
): Contender {
  let system: ActorSystem | undefined;
  return {
    async setup() {
      system = await ActorSystem.start({ threads });
    },
    async round(events) {
      if (system === undefined) throw new Error("not set up");
      const run = await system.submit(job, { params: { events }, guarantee });
      await run.completed;
      return { answer: answerOf(run.collected<Result>(sink)) };
    },
    async teardown() {
      await system?.stop();
    },
  };
}
