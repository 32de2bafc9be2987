/**
 * The limit of messages between threads: typed columns in a buffer that is transferred, counted in place, and
 * transferred back. The buffers that come back are the credit. The reader never makes an object of an event, which no
 * runtime can promise for a function its user wrote: a limit, not a rival.
 */

import { Worker } from "node:worker_threads";
import { bridgeEventAt } from "../../bridge-event.ts";
import type { Contender } from "../../contender.ts";
import { columnBytes, columnsOver } from "./event-columns.ts";

const bufferCount = 16;
const vehicleCodes = new Map(["car", "truck", "van", "bus"].map((vehicle, code) => [vehicle, code]));

export function columnsOf(rowsMax: number): Contender {
  let worker: Worker;
  let counts = Promise.withResolvers<readonly number[]>();
  let returned: (() => void) | undefined;
  const free = Array.from({ length: bufferCount }, () => new ArrayBuffer(columnBytes(rowsMax)));

  const takeBuffer = async (): Promise<ArrayBuffer> => {
    for (;;) {
      const buffer = free.pop();
      if (buffer !== undefined) return buffer;
      await new Promise<void>((resolve) => {
        returned = resolve;
      });
    }
  };

  return {
    async setup() {
      worker = new Worker(new URL("./columns-receiver.ts", import.meta.url), { workerData: rowsMax });
      worker.on("error", (error) => counts.reject(error));
      worker.on("message", (reply: ArrayBuffer | readonly number[]) => {
        if (!(reply instanceof ArrayBuffer)) return counts.resolve(reply);
        free.push(reply);
        returned?.();
        returned = undefined;
      });
    },
    async round(events) {
      for (let start = 0; start < events; start += rowsMax) {
        const buffer = free.pop() ?? (await takeBuffer());
        fill(buffer, rowsMax, start, Math.min(events, start + rowsMax));
        worker.postMessage(buffer, [buffer]);
      }
      worker.postMessage(null);
      const answer = await counts.promise;
      counts = Promise.withResolvers();
      return { answer };
    },
    async teardown() {
      await worker.terminate();
    },
  };
}

function fill(buffer: ArrayBuffer, rowsMax: number, start: number, end: number): void {
  const { rowCount, ts, bridge, weight, vehicle } = columnsOver(buffer, rowsMax);
  rowCount[0] = end - start;
  for (let row = 0; row < end - start; row++) {
    const event = bridgeEventAt(start + row);
    ts[row] = event.ts;
    bridge[row] = event.bridge;
    weight[row] = event.weight;
    vehicle[row] = vehicleCodes.get(event.vehicle) ?? 0;
  }
}
