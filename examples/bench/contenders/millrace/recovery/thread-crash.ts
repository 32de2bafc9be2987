/**
 * millrace on W7: the instance that keeps state is told to end its thread. Measured is the time from there to the next result
 * that the job shows, which under exactly-once takes: noticing, a spare thread, the restart from the checkpoint, the replay,
 * and a further checkpoint.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ActorSystem } from "../../../../../jobs/index.ts";
import type { Contender, RoundResult } from "../../../contender.ts";
import { recovering, type Shown } from "./recovering-job.ts";
import { ShownCheck } from "./shown-check.ts";

const quiet = { log: () => undefined };
/**
 * A crash comes between these many ms after the recovery from the one before: at any moment of an epoch, and when the spare
 * thread that was used up has been replaced. One that comes sooner waits for that, a few hundred ms.
 */
const pauseMsMin = 600;
const pauseMsMax = 900;

/** @param keys in the state of the instance that dies */
export function threadCrash(keys: number, checkpoints: "memory" | "file"): Contender {
  return {
    async round(crashes) {
      const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
      try {
        const storage = checkpoints === "file" ? { storage: folder } : {};
        return await crashed(keys, crashes, storage);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}

/** A system for each round, because one replaces at most a hundred threads a minute. */
async function crashed(keys: number, crashes: number, storage: { readonly storage?: string }): Promise<RoundResult> {
  await using system = await ActorSystem.start({ threads: 2, logger: quiet });
  const run = await system.submit(recovering, { params: { keys }, guarantee: "exactly-once", ...storage });
  const check = new ShownCheck(keys, 0);
  const latenciesUs = new Float64Array(crashes);
  const counter = run.actor("count", 0);
  let isBack = false;
  let onShown: (shown: Shown) => void = () => undefined;
  const looking = (async () => {
    for await (const shown of run.output<Shown>("shown")) {
      check.add(shown);
      onShown(shown);
    }
  })();
  // What is shown before the instance runs again belongs to a checkpoint that was complete before the crash.
  for (const fact of ["actor-started", "actor-restarted"] as const) {
    system.on(fact, ({ path }) => {
      if (path.endsWith("/count/0")) isBack = true;
    });
  }
  await shownWhere(({ index }) => index >= keys);
  for (let crash = 0; crash < crashes; crash += 1) {
    // By the golden ratio, which spreads over the range in any number of steps.
    await setTimeout(pauseMsMin + ((crash * 0.618) % 1) * (pauseMsMax - pauseMsMin));
    isBack = false;
    const startMs = performance.now();
    counter.tell("end your thread");
    await shownWhere(() => isBack);
    latenciesUs[crash] = (performance.now() - startMs) * 1000;
  }
  await run.cancel();
  await looking;
  return { answer: [crashes, check.wrongCount], latenciesUs };

  function shownWhere(isMeant: (shown: Shown) => boolean): Promise<void> {
    return new Promise((resolve) => {
      onShown = (shown) => {
        if (isMeant(shown)) resolve();
      };
    });
  }
}
