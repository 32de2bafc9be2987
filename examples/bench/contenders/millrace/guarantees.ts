/**
 * millrace on W9 and W9-threads: the same job under each guarantee, at the default interval. Measured is from the moment at which every
 * operator is open to the end, the last checkpoint included; not what starts before, such as the thread of a storage.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ActorSystem, Guarantee, JobDefinition } from "../../../../jobs/index.ts";
import type { Contender, RoundResult } from "../../contender.ts";
import { startTaking } from "../../taken.ts";
import { type BridgeParams, bridgeAnswer, countPerBridge } from "./bridge-jobs.ts";
import { madeUpFlights } from "./flights-job.ts";
import { systemContender } from "./system-contender.ts";

export type Checkpoints = "memory" | "file";

export function perBridge(guarantee: Guarantee, checkpoints: Checkpoints): Contender {
  const job = { threads: 0, definition: countPerBridge, sink: "counts", guarantee, checkpoints };
  return contender(job, bridgeAnswer);
}

export function perAirport(guarantee: Guarantee, checkpoints: Checkpoints): Contender {
  const job = { threads: 2, definition: madeUpFlights, sink: "totals", guarantee, checkpoints };
  return contender(job, (totals: readonly { flights: number }[]) => [
    totals.reduce((sum, { flights }) => sum + flights, 0),
  ]);
}

interface GuaranteedJob {
  readonly threads: number;
  readonly definition: JobDefinition<BridgeParams>;
  readonly sink: string;
  readonly guarantee: Guarantee;
  readonly checkpoints: Checkpoints;
}

function contender<Result>(job: GuaranteedJob, answerOf: (results: readonly Result[]) => readonly number[]): Contender {
  return systemContender({ threads: job.threads }, async (system, events) => {
    if (job.checkpoints === "memory") return run(system, job, events, {}, answerOf);
    const storage = await mkdtemp(join(tmpdir(), "millrace-bench-"));
    try {
      return await run(system, job, events, { storage }, answerOf);
    } finally {
      await rm(storage, { recursive: true });
    }
  });
}

async function run<Result>(
  system: ActorSystem,
  { definition, sink, guarantee }: GuaranteedJob,
  events: number,
  storage: { readonly storage?: string },
  answerOf: (results: readonly Result[]) => readonly number[],
): Promise<RoundResult> {
  const submitted = await system.submit(definition, { params: { events }, guarantee, ...storage });
  await submitted.started;
  const taken = startTaking();
  await submitted.completed;
  return { flow: taken(), answer: answerOf(submitted.collected<Result>(sink)) };
}
