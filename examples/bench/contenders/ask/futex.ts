/**
 * The limit for an ask that has to wake a thread: two workers that block in `Atomics.wait` on a shared cell. Neither
 * can serve anything else meanwhile, so no runtime can work like this: a limit, not a rival.
 */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Contender, RoundResult } from "../../contender.ts";
import { newFutexCells } from "./futex-cells.ts";

export function betweenBlockedWorkers(): Contender {
  let asker: Worker;
  let echo: Worker;
  return {
    async setup() {
      const cells = newFutexCells();
      echo = new Worker(new URL("./futex-echo-worker.ts", import.meta.url), { workerData: cells });
      asker = new Worker(new URL("./futex-asking-worker.ts", import.meta.url), { workerData: cells });
    },
    async round(asks) {
      asker.postMessage(asks);
      const [result] = (await once(asker, "message")) as [RoundResult];
      return result;
    },
    async teardown() {
      await Promise.all([echo.terminate(), asker.terminate()]);
    },
  };
}
