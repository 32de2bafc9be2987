/**
 * millrace on W8: the instance that keeps state is told to end its thread. Measured is the time from there to the next result
 * that the job shows, which under exactly-once takes: noticing, a spare thread, the restart from the checkpoint, the replay,
 * and a further checkpoint. Where the time goes is told by the facts of the system, which any program can hear:
 *
 *   noticed     until main knows of it: host-lost
 *   thread      until another thread has its place: host-replaced
 *   state       until the instance runs there, with the state of the last checkpoint: actor-started
 *   replay      until all have acknowledged the next checkpoint, behind what came since the last one
 *   checkpoint  until that is kept
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ActorSystem } from "../../../../../jobs/index.ts";
import type { Contender, RoundResult } from "../../../contender.ts";
import { recovering, type Shown } from "./recovering-job.ts";
import { ShownCheck } from "./shown-check.ts";
import { TimeLine } from "./time-line.ts";

const quiet = { log: () => undefined };
/** A crash comes between these many ms after what it waits for: at any moment of an epoch. */
const pauseMsMin = 50;
const pauseMsMax = 250;
/** After a death two threads stand by; the second one is waited for because its start takes a core. */
const sparesAfterCrash = 2;
const phases = ["noticed", "thread", "state", "replay", "checkpoint"] as const;

/**
 * What a crash waits for. `calm`: that threads stand by again, which is what one meets that comes by itself. `at-once`: that the job has
 * recovered from the crash before, and no more.
 */
export type Distance = "calm" | "at-once";

/** @param keys in the state of the instance that dies */
export function threadCrash(keys: number, checkpoints: "memory" | "file", distance: Distance = "calm"): Contender {
  let isWarm = false;
  return {
    async round(units) {
      const crashes = isWarm ? units : 1;
      isWarm = true;
      const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
      try {
        const storage = checkpoints === "file" ? { storage: folder } : {};
        return await crashed(keys, crashes, storage, distance);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}

/** A system for each round, because one replaces at most a hundred threads a minute. */
async function crashed(
  keys: number,
  crashes: number,
  storage: { readonly storage?: string },
  distance: Distance,
): Promise<RoundResult> {
  await using system = await ActorSystem.start({ threads: 2, logger: quiet });
  const run = await system.submit(recovering, { params: { keys }, guarantee: "exactly-once", ...storage });
  const check = new ShownCheck(keys, 0);
  const line = new TimeLine(phases, crashes);
  const standing = new StandingThreads(system);
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
      if (!path.endsWith("/count/0")) return;
      isBack = true;
      line.over("state");
    });
  }
  system.on("host-lost", () => line.over("noticed"));
  system.on("host-replaced", () => line.over("thread"));
  await shownWhere(({ index }) => index >= keys);
  for (let crash = 0; crash < crashes; crash += 1) {
    if (distance === "calm" || crash === 0) await standing.until(crash === 0 ? 1 : sparesAfterCrash);
    // By the golden ratio, which spreads over the range in any number of steps.
    await setTimeout(pauseMsMin + ((crash * 0.618) % 1) * (pauseMsMax - pauseMsMin));
    isBack = false;
    line.begin();
    counter.tell("end your thread");
    await shownWhere(() => isBack);
    const endMs = performance.now();
    const { epochs } = await run.report();
    line.over("replay", endMs - (epochs?.last?.writeMs ?? 0));
    line.end(crash, endMs);
  }
  await run.cancel();
  await looking;
  return { answer: [check.wrongCount], latenciesUs: line.latenciesUs, phasesUs: line.phasesUs };

  function shownWhere(isMeant: (shown: Shown) => boolean): Promise<void> {
    return new Promise((resolve) => {
      onShown = (shown) => {
        if (isMeant(shown)) resolve();
      };
    });
  }
}

/** The threads that stand by: told of, and not used up. */
class StandingThreads {
  readonly #threads = new Set<number>();
  #onChange: () => void = () => undefined;

  constructor(system: ActorSystem) {
    system.on("thread-stands-by", ({ threadId }) => {
      this.#threads.add(threadId);
      this.#onChange();
    });
    system.on("host-replaced", ({ threadId }) => this.#threads.delete(threadId));
  }

  /** Resolves when there are so many. */
  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        if (this.#threads.size >= count) resolve();
      };
      this.#onChange();
    });
  }
}
