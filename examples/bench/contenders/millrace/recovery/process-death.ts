/**
 * millrace on W8: a process that runs the job with checkpoints in a file is killed, and the next one started at once.
 * Measured is the time from the kill to the first result that the next one shows.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Contender } from "../../../contender.ts";
import type { Shown } from "./recovering-job.ts";
import { ShownCheck } from "./shown-check.ts";

const main = fileURLToPath(new URL("./recovering-main.ts", import.meta.url));
const pauseMsMin = 100;
const pauseMsMax = 300;

/** @param keys in the state that the next process reads */
export function processDeath(keys: number): Contender {
  return {
    async round(crashes) {
      const folder = await mkdtemp(join(tmpdir(), "millrace-bench-"));
      const latenciesUs = new Float64Array(crashes);
      let wrongCount = 0;
      let newest = -1;
      try {
        let living = new RecoveringProcess(folder, keys);
        await living.shown(keys);
        for (let crash = 0; crash < crashes; crash += 1) {
          await setTimeout(pauseMsMin + ((crash * 0.618) % 1) * (pauseMsMax - pauseMsMin));
          newest = living.newest;
          const startMs = performance.now();
          await living.kill();
          wrongCount += living.wrongCount;
          living = new RecoveringProcess(folder, keys);
          const first = await living.shown(0);
          latenciesUs[crash] = (performance.now() - startMs) * 1000;
          // What a checkpoint had made visible and the dead process had not shown yet may be left out, never repeated.
          if (first <= newest) wrongCount += 1;
        }
        await living.kill();
        wrongCount += living.wrongCount;
      } finally {
        await rm(folder, { recursive: true });
      }
      return { answer: [crashes, wrongCount], latenciesUs };
    },
  };
}

class RecoveringProcess {
  readonly #child: ChildProcess;
  readonly #check: ShownCheck;
  readonly #exited: Promise<void>;
  #newest = -1;
  #waiting: { readonly index: number; readonly resolve: (index: number) => void } | undefined;

  constructor(folder: string, keys: number) {
    this.#check = new ShownCheck(keys, undefined);
    this.#child = spawn(process.execPath, [main, folder, `${keys}`], { stdio: ["ignore", "pipe", "inherit"] });
    // Nothing of this bench outlives it.
    const kill = () => void this.#child.kill("SIGKILL");
    process.once("exit", kill);
    this.#exited = new Promise((resolve) => {
      this.#child.once("close", () => {
        process.off("exit", kill);
        resolve();
      });
    });
    if (this.#child.stdout === null) return;
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      // The last line of a process that was killed may be half a line.
      if (line.endsWith("}")) this.#take(JSON.parse(line) as Shown);
    });
  }

  get wrongCount(): number {
    return this.#check.wrongCount;
  }

  get newest(): number {
    return this.#newest;
  }

  /** Resolves with the first event shown from `index` on. */
  shown(index: number): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting = { index, resolve };
    });
  }

  kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    return this.#exited;
  }

  #take(shown: Shown): void {
    this.#check.add(shown);
    this.#newest = shown.index;
    if (this.#waiting === undefined || shown.index < this.#waiting.index) return;
    this.#waiting.resolve(shown.index);
    this.#waiting = undefined;
  }
}
