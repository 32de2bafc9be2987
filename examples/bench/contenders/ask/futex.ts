/**
 * Asks through a shared cell. Two workers that block in `Atomics.wait` are the limit for an ask that has to wake a thread: neither can
 * serve anything else meanwhile, so no runtime can work like this. Two that wait by `Atomics.waitAsync` can.
 */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Contender, RoundResult } from "../../contender.ts";
import { newFutexCells } from "./futex-cells.ts";

export function betweenBlockedWorkers(): Contender {
  return betweenWorkers(
    new URL("./futex-echo-worker.ts", import.meta.url),
    new URL("./futex-asking-worker.ts", import.meta.url),
  );
}

export function betweenServingWorkers(): Contender {
  return betweenWorkers(
    new URL("./serving-echo-worker.ts", import.meta.url),
    new URL("./serving-asking-worker.ts", import.meta.url),
  );
}

function betweenWorkers(echoModule: URL, askerModule: URL): Contender {
  let asker: Worker;
  let echo: Worker;
  return {
    async setup() {
      const cells = newFutexCells();
      echo = new Worker(echoModule, { workerData: cells });
      asker = new Worker(askerModule, { workerData: cells });
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
