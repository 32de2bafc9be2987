/**
 * The limit of W3 on two threads: each reads half of the events, makes an object of each as the reference does, and sends half of those to
 * the other one as typed columns. No state that survives, no keys but small numbers, no code but this: a limit, not a rival.
 */

import { MessageChannel, Worker } from "node:worker_threads";
import { SecondsCheck } from "../../bridge-windows.ts";
import type { Contender } from "../../contender.ts";
import type { PairSeat } from "./pair-worker.ts";

export function windowPair(): Contender {
  let workers: readonly Worker[] = [];
  return {
    async setup() {
      const { port1, port2 } = new MessageChannel();
      workers = [port1, port2].map((port, place) => {
        const workerData: PairSeat = { place, port };
        return new Worker(new URL("./pair-worker.ts", import.meta.url), { workerData, transferList: [port] });
      });
    },
    async round(events) {
      const check = new SecondsCheck();
      for (const answer of await Promise.all(workers.map((worker) => answerOf(worker, events))))
        check.addAnswer(answer);
      return { answer: check.toAnswer() };
    },
    async teardown() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function answerOf(worker: Worker, events: number): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (answer: readonly number[]) => {
      worker.off("error", reject);
      resolve(answer);
    });
    worker.postMessage(events);
  });
}
