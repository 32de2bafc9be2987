/** RunKills: the job of the storm while its threads, or its process, are killed again and again; then its file is looked at. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlannedFault, type RealRun, runWithFaults } from "../../jobs/testing/index.ts";
import { type ShownLines, shownLines } from "./shown-lines.ts";
import storm, { type StormParams } from "./storm.job.ts";

export interface KillsResult {
  readonly run: RealRun;
  readonly shown: ShownLines;
}

/** @param limitMs after which it has hung */
export async function runKills(faults: readonly PlannedFault[], events: number, limitMs: number): Promise<KillsResult> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-kills-"));
  try {
    const params: StormParams = { plan: { events, faults: [] }, folder, path: join(folder, "counts.txt") };
    const run = await runWithFaults(storm, {
      params,
      faults,
      threads: 2,
      epochInterval: 20,
      creditEvents: 1_024,
      heapLimitMb: 64,
      hangLimit: "400ms",
      limit: limitMs,
      quietAfter: 0,
      jobRestarts: { max: 1_000 },
    });
    return { run, shown: await shownLines(params.path, events) };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A line for people: how long they took, in ms. */
export function recoveriesText(recoveriesMs: readonly number[]): string {
  const sorted = recoveriesMs.toSorted((left, right) => left - right);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return `${sorted.length} recoveries, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}
