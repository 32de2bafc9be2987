/** Thread B of W4, in a worker: counts what arrives, gives credit back, reports the counts at the end of a round. */

import { parentPort, workerData } from "node:worker_threads";
import { BridgeCounts } from "../../bridge-counts.ts";

export function receiveHop<Payload>(count: (payload: Payload, counts: BridgeCounts) => void): void {
  const port = parentPort;
  if (port === null) throw new Error("expected to run in a worker thread");
  const messagesPerCredit = workerData as number;
  let counts = new BridgeCounts();
  let uncredited = 0;
  port.on("message", (payload: Payload | null) => {
    if (payload === null) {
      port.postMessage(counts.toAnswer());
      counts = new BridgeCounts();
      return;
    }
    count(payload, counts);
    if (++uncredited === messagesPerCredit) {
      port.postMessage(uncredited);
      uncredited = 0;
    }
  });
}
