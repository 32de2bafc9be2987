/** Worker: on request of main, asks its neighbour over a port of their own and reports the round. */

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { portAsker } from "./port-asker.ts";
import { timeAsks } from "./time-asks.ts";

const ask = portAsker(workerData as MessagePort);

parentPort?.on("message", (asks: number) => {
  void timeAsks(asks, ask).then((result) => parentPort?.postMessage(result));
});
