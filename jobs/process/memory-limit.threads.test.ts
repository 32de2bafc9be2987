/** A process that the platform gives no more memory: it dies in the middle of whatever it does, and is replaced. */

import { spawnSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SystemClock } from "../../runtime/index.ts";
import { notedEpoch } from "../store/storage-lock.ts";
import { mortal } from "./fixtures/mortal.job.ts";
import type { ProcessFactOf } from "./process-facts.ts";
import { superviseModule } from "./supervise.ts";

const clock = new SystemClock();
const hasLimits = process.platform === "linux" && spawnSync("prlimit", ["--version"]).status === 0;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((done) => clock.after(5, done));
}

test.skipIf(!hasLimits)(
  "a process that is given no more memory is replaced, and the next one goes on from the last checkpoint",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-memory-"));
    const [storage, signal] = [join(folder, "storage"), join(folder, "signal")];
    await mkdir(signal);
    const module = { module: mortal.url as string, job: mortal.name, name: mortal.name, outputs: "refuse" } as const;
    // It fills its heap when there is a note of a checkpoint in the other folder too, once.
    const params = {
      count: 1e9,
      rate: 1_000,
      at: [0],
      fault: "heap",
      checkpointIn: signal,
      once: join(folder, "fault"),
    };
    const run = superviseModule(
      { ...module, writeErrorText: () => undefined },
      { params, storage, threads: 0, epochInterval: 5, standby: false },
    );
    const losses: ProcessFactOf<"process-lost">[] = [];
    run.on("process-lost", (fact) => losses.push(fact));

    await until(() => run.status === "running" && notedEpoch(storage, "mortal") > 0);
    // Less than it has: it gets nothing more.
    const limited = spawnSync("prlimit", ["--pid", `${run.pid}`, "--as=4096:"]);
    await copyFile(join(storage, "mortal.owner"), join(signal, "mortal.owner"));
    await until(() => losses.length > 0 && run.status === "running");
    const report = await run.drain();

    expect(limited.status).toBe(0);
    expect(losses).toHaveLength(1);
    expect(losses[0]?.error.details).toMatchObject({ checkpointEpoch: expect.any(Number) });
    expect(losses[0]?.error.details.checkpointEpoch).toBeGreaterThan(0);
    expect(report).toMatchObject({ status: "completed", processRestarts: 1 });
    const counts = run.collected<{ key: number; count: number }>("counts");
    const read = report.operators[0]?.instances[0]?.progress?.done;
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(read);
    await rm(folder, { recursive: true });
  },
  120_000,
);
