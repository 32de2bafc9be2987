/** Worker: on request of main, asks through shared cells, one ask after the other, and serves its event loop meanwhile. */

import { parentPort, workerData } from "node:worker_threads";
import { askersTurn, awaitTurnServing, echosTurn, passTurn } from "./futex-cells.ts";
import { timeAsks } from "./time-asks.ts";

const cells = workerData as Int32Array;

parentPort?.on("message", async (asks: number) => parentPort?.postMessage(await timeAsks(asks, ask)));

function ask(value: number): Promise<number> {
  passTurn(cells, echosTurn, value);
  return awaitTurnServing(cells, askersTurn);
}
