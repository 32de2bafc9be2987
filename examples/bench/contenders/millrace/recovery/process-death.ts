/**
 * millrace on W8-process: a job under `supervise` whose process is killed by SIGKILL. Measured is the time from the kill to the first
 * line that the process in its place has written: its first checkpoint is complete then, and its sink shows it.
 *
 * Where the time goes is told by the facts of the run: `noticed` is until process-lost, `job` until process-begun (the storage is open, the
 * cells run with their state), `shown` until the line is there.
 *
 * The job goes on from round to round, in between it is stopped: no contender runs while another one is measured.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type SupervisedRun, supervise } from "../../../../../jobs/index.ts";
import type { Contender } from "../../../contender.ts";
import { showingInFile } from "./file-job.ts";
import { ShownFile } from "./shown-file.ts";
import { TimeLine } from "./time-line.ts";

/** A kill comes these many ms after a process stands by, or without one after the recovery: at any moment of an epoch. */
const pauseMsMin = 150;
const pauseMsMax = 350;
const phases = ["noticed", "job", "shown"] as const;
/** Without a process that stands by, one kill in so many: each takes a second, and its figure is for comparison. */
const coldShare = 4;

/**
 * @param keys in the state that the next process reads
 * @param standby whether a process stands by; each kill waits until one does
 */
export function processDeath(keys: number, standby: boolean): Contender {
  let folder = "";
  let shown: ShownFile;
  let isWarm = false;

  return {
    async setup() {
      folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
      shown = new ShownFile(join(folder, "shown"), keys);
      await running(0, () => shown.until(({ index }) => index >= keys));
    },
    async round(units) {
      // What there is to warm up, the cache of compiled modules, one kill warms up.
      const kills = isWarm ? Math.ceil(standby ? units : units / coldShare) : 1;
      isWarm = true;
      const { latenciesUs, phasesUs } = await running(kills, (run) => measured(run, shown, kills, standby));
      return { answer: [shown.wrongCount], latenciesUs, phasesUs };
    },
    async teardown() {
      await shown.close();
      await rm(folder, { recursive: true });
    },
  };

  async function running<T>(kills: number, act: (run: SupervisedRun) => Promise<T>): Promise<T> {
    const run = supervise(showingInFile, {
      params: { keys, path: shown.path },
      storage: folder,
      threads: 2,
      standby: standby && kills > 0,
      restarts: { max: kills },
      backoff: { min: 0, max: 0 },
    });
    const kill = () => killed(run.pid);
    process.once("exit", kill);
    try {
      return await act(run);
    } finally {
      process.off("exit", kill);
      await run.cancel();
    }
  }
}

async function measured(run: SupervisedRun, shown: ShownFile, kills: number, standby: boolean) {
  const line = new TimeLine(phases, kills);
  run.on("process-lost", () => line.over("noticed"));
  run.on("process-begun", () => line.over("job"));
  let standing = Promise.withResolvers<void>();
  run.on("process-stands-by", () => standing.resolve());
  run.completed.catch((error: unknown) => standing.reject(error));
  await run.started;
  await shown.until(({ pid }) => pid === run.pid);
  for (let kill = 0; kill < kills; kill += 1) {
    if (standby) await standing.promise;
    standing = Promise.withResolvers();
    // By the golden ratio, which spreads over the range in any number of steps.
    await setTimeout(pauseMsMin + ((kill * 0.618) % 1) * (pauseMsMax - pauseMsMin));
    const { pid } = run;
    line.begin();
    killed(pid);
    await shown.until((last) => last.pid !== pid);
    line.end(kill, performance.now());
  }
  return line;
}

function killed(pid: number | undefined): void {
  if (pid !== undefined) process.kill(pid, "SIGKILL");
}
