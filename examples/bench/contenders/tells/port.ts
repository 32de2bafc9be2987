/** worker_threads with nothing above them: a message per tell. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Contender } from "../../contender.ts";
import { type Handled, timeTells } from "../../tells.ts";

export function toWorker(): Contender {
  let worker: Worker;
  return {
    async setup() {
      worker = new Worker(new URL("./counting-worker.ts", import.meta.url));
    },
    round: (tells) =>
      timeTells(tells, {
        tell: (tell) => worker.postMessage(tell),
        async handled() {
          worker.postMessage(null);
          const [handled] = (await once(worker, "message")) as [Handled];
          return handled;
        },
      }),
    async teardown() {
      await worker.terminate();
    },
  };
}
