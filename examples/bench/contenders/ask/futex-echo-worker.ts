/** Worker: answers each ask with the value plus one, blocked in between; it ends only by being terminated. */

import { workerData } from "node:worker_threads";
import { askersTurn, awaitTurn, echosTurn, passTurn } from "./futex-cells.ts";

const cells = workerData as Int32Array;

for (;;) passTurn(cells, askersTurn, awaitTurn(cells, echosTurn) + 1);
