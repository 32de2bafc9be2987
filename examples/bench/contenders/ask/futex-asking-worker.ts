/** Worker: on request of main, asks through shared cells, one ask after the other, and reports the round. */

import { parentPort, workerData } from "node:worker_threads";
import type { RoundResult } from "../../contender.ts";
import { askersTurn, awaitTurn, echosTurn, passTurn } from "./futex-cells.ts";

const cells = workerData as Int32Array;

parentPort?.on("message", (asks: number) => parentPort?.postMessage(timeBlockingAsks(asks)));

// Not timeAsks: a promise per ask would be a good part of what is measured here.
function timeBlockingAsks(asks: number): RoundResult {
  const latenciesUs = new Float64Array(asks);
  let sum = 0;
  for (let index = 0; index < asks; index++) {
    const startMs = performance.now();
    passTurn(cells, echosTurn, index);
    sum += awaitTurn(cells, askersTurn);
    latenciesUs[index] = (performance.now() - startMs) * 1000;
  }
  return { answer: [sum], latenciesUs };
}
