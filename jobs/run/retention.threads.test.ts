import { expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { ActorSystem } from "../actor-system.ts";
import { stalledJob } from "./fixtures/stalled.job.ts";
import type { RunReport } from "./run-report.ts";

const megabyte = 1024 * 1024;
const retentionBytes = 32 * megabyte;
const clock = new SystemClock();

const pause = () => new Promise<void>((resolve) => void clock.after(20, resolve));

function emitted({ operators }: RunReport): number {
  return operators.reduce((sum, { kind, total }) => sum + (kind === "source" ? total.out : 0), 0);
}

test("on threads, what is kept while a sink does not come back stays within its bound, and the sources pause", async () => {
  await using system = await ActorSystem.start({ threads: 2, logger: { log: () => undefined } });
  const rssBefore = process.memoryUsage.rss();
  const run = await system.submit(stalledJob, { guarantee: "exactly-once", retentionBytes, epochInterval: 50 });
  await run.started;

  // The sources come to rest: nothing is emitted from one look to the next, several times in a row.
  let last = await run.report();
  for (let rests = 0; rests < 5; ) {
    await pause();
    const report = await run.report();
    const isResting = report.epochs?.pausedForMs !== undefined && emitted(report) === emitted(last);
    rests = isResting ? rests + 1 : 0;
    last = report;
  }

  const retainedBytes = last.epochs?.retainedBytes ?? 0;
  expect(emitted(last)).toBeGreaterThan(10_000);
  expect(retainedBytes).toBeGreaterThan(retentionBytes / 2);
  expect(retainedBytes).toBeLessThan(2 * retentionBytes);
  // Everything together, the heaps of the threads included: what they collect in their own time comes on top.
  expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(2 * retentionBytes + 300 * megabyte);
  await run.cancel();
});
