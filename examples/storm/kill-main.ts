/** A process that runs one round of kills to its end, and prints what came of it as JSON. Argument: the round, as JSON. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runWithFaults } from "../../jobs/testing/index.ts";
import { type KillPlan, processKills, threadKills } from "./kill-plan.ts";
import type { KillRound, KillRoundResult } from "./kill-round.ts";
import { shownLines } from "./shown-lines.ts";
import storm, { type StormParams } from "./storm.job.ts";

const round = JSON.parse(process.argv[2] ?? "") as KillRound;
process.stdout.write(JSON.stringify(await resultOf(round)));

async function resultOf({ seed, kill, count, events, rate, limitMs }: KillRound): Promise<KillRoundResult> {
  const { faults, kinds }: KillPlan =
    kill === "threads" ? threadKills(seed, count, events, 4) : processKills(seed, count);
  const folder = await mkdtemp(join(tmpdir(), "millrace-kills-"));
  try {
    const params: StormParams = { plan: { events, faults: [] }, folder, path: join(folder, "counts.txt"), rate };
    const run = await runWithFaults(storm, {
      params,
      faults,
      threads: kill === "threads" ? 2 : 1,
      epochInterval: 20,
      creditEvents: 256,
      heapLimitMb: 64,
      hangLimit: "300ms",
      limit: limitMs,
      quietAfter: 0,
      jobRestarts: { max: 1_000 },
    });
    return {
      status: run.status,
      error: run.error?.message,
      kinds,
      struck: run.struck.length,
      threadsLost: run.threadsLost,
      lives: run.lives,
      checkpoints: run.report?.epochs?.completed ?? 0,
      elapsedMs: run.elapsedMs,
      threadRecoveriesMs: run.threadRecoveriesMs,
      processRecoveriesMs: run.processRecoveriesMs,
      shown: await shownLines(params.path, events),
    };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
