/** Worker: counts the bridges of a column batch in place and transfers the buffer back. */

import { parentPort, workerData } from "node:worker_threads";
import { BridgeCounts } from "../../bridge-counts.ts";
import { columnsOver } from "./event-columns.ts";

const rowsMax = workerData as number;
let counts = new BridgeCounts();

parentPort?.on("message", (buffer: ArrayBuffer | null) => {
  if (buffer === null) {
    parentPort?.postMessage(counts.toAnswer());
    counts = new BridgeCounts();
    return;
  }
  const { rowCount, bridge } = columnsOver(buffer, rowsMax);
  const rows = rowCount[0] ?? 0;
  for (let row = 0; row < rows; row++) counts.add(bridge[row] ?? 0);
  parentPort?.postMessage(buffer, [buffer]);
});
