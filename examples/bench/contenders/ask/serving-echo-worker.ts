/** Worker: answers each ask with the value plus one, and serves its event loop in between. */

import { parentPort, workerData } from "node:worker_threads";
import { askersTurn, awaitTurnServing, echosTurn, passTurn } from "./futex-cells.ts";

const cells = workerData as Int32Array;

// A wait alone does not keep the thread alive; a port that is listened to does.
parentPort?.on("message", () => {});

for (;;) passTurn(cells, askersTurn, (await awaitTurnServing(cells, echosTurn)) + 1);
