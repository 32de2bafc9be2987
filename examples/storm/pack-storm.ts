/**
 * PackStorm: the storm and all that its threads and processes load, packed into a few files by rolldown. A thread that is to replace
 * another one is there in a third of the time and of the work that several hundred modules take, and that is most of what a
 * kill costs. What runs is the same code.
 */

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

export interface PackedStorm extends AsyncDisposable {
  /** The module that a process runs for a round of kills. */
  readonly main: string;
}

/** Modules that are loaded by name: relative to each other they stand in the pack as those that name them expect. */
const entries: Readonly<Record<string, string>> = {
  "kill-main": "examples/storm/kill-main.ts",
  "storm.job": "examples/storm/storm.job.ts",
  "actor-spec": "runtime/actor/actor-spec.ts",
  "service-thread-main": "runtime/threads/service-thread-main.ts",
  "thread-main": "runtime/threads/thread-main.ts",
  "faulty-cell": "jobs/faults/faulty-cell.ts",
  "faulty-process-main": "jobs/faults/faulty-process-main.ts",
  "process-main": "jobs/process/process-main.ts",
  "chain-cell": "jobs/run/chain-cell.ts",
  "run/rehearsal": "jobs/run/rehearsal.ts",
  "store-thread": "jobs/store/store-thread.ts",
};

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Below the installation, so that what is not packed is found. */
const cache = join(root, "node_modules", ".cache");

/** Resolves to a pack, which is there until it is disposed. */
export async function packStorm(): Promise<PackedStorm> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "storm-"));
  const pack = await rolldown({ cwd: root, input: entries, platform: "node", external: ["piscina", "msgpackr"] });
  await pack.write({ dir: folder, entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" });
  await pack.close();
  return {
    main: join(folder, "kill-main.js"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
