/**
 * A bare MessagePort, structured clone, one small object each way: the floor for any ask between threads that keep
 * their event loops running. Once between main and a worker, once between two workers with a port of their own, which
 * is how actors on two hosts would speak.
 */

import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import type { Contender, RoundResult } from "../../contender.ts";
import { portAsker } from "./port-asker.ts";
import { timeAsks } from "./time-asks.ts";

const echoUrl = new URL("./echo-worker.ts", import.meta.url);
const askingUrl = new URL("./asking-worker.ts", import.meta.url);

export function fromMain(): Contender {
  let echo: Worker;
  let ask: (value: number) => Promise<number>;
  return {
    async setup() {
      echo = new Worker(echoUrl, { workerData: null });
      ask = portAsker(echo);
    },
    round: (asks) => timeAsks(asks, ask),
    async teardown() {
      await echo.terminate();
    },
  };
}

export function betweenWorkers(): Contender {
  let echo: Worker;
  let asker: Worker;
  return {
    async setup() {
      const { port1, port2 } = new MessageChannel();
      echo = new Worker(echoUrl, { workerData: port1, transferList: [port1] });
      asker = new Worker(askingUrl, { workerData: port2, transferList: [port2] });
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
