/** Worker: counts the bridges of a column batch, in place or of objects that it makes, and transfers the buffer back. */

import { parentPort, workerData } from "node:worker_threads";
import { BridgeCounts } from "../../bridge-counts.ts";
import { type BridgeEvent, vehicleNames } from "../../bridge-event.ts";
import { columnsOver, type EventColumns } from "./event-columns.ts";
import type { ColumnsForm } from "./typed-columns.ts";

const { rowsMax, form } = workerData as { readonly rowsMax: number; readonly form: ColumnsForm };
// A constant of another module is loaded each time.
const names = vehicleNames;
const count = form === "bare" ? countBare : countObjects;
let counts = new BridgeCounts();

/** As the sender's. */
export let latest: BridgeEvent | undefined;

parentPort?.on("message", (buffer: ArrayBuffer | null) => {
  if (buffer === null) {
    parentPort?.postMessage(counts.toAnswer());
    counts = new BridgeCounts();
    return;
  }
  count(columnsOver(buffer, rowsMax));
  parentPort?.postMessage(buffer, [buffer]);
});

function countBare({ rowCount, bridge }: EventColumns): void {
  const rows = rowCount[0] ?? 0;
  for (let row = 0; row < rows; row++) counts.add(bridge[row] ?? 0);
}

function countObjects({ rowCount, bridge, ts, vehicle, weight }: EventColumns): void {
  const rows = rowCount[0] ?? 0;
  for (let row = 0; row < rows; row++) {
    const event = { vehicle: names[vehicle[row]!]!, bridge: bridge[row]!, ts: ts[row]!, weight: weight[row]! };
    latest = event;
    counts.add(event.bridge);
  }
}
