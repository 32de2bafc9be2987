/**
 * The limit of messages between threads: typed columns in a buffer that is transferred, counted in place, and
 * transferred back. The buffers that come back are the credit. `bare`: no end ever has an object of an event, which no
 * runtime can promise for functions its user wrote. `objects`: both have one, as the reference loop does; nothing looks whether it
 * has other fields than the columns. Limits, not rivals.
 */

import { Worker } from "node:worker_threads";
import { type BridgeEvent, bridgeEventAt, vehicleNames } from "../../bridge-event.ts";
import type { Contender } from "../../contender.ts";
import { columnBytes, columnsOver, type EventColumns } from "./event-columns.ts";

const bufferCount = 16;
const vehicleCodes = new Map(vehicleNames.map((vehicle, code) => [vehicle, code]));

export type ColumnsForm = "bare" | "objects";

export function columnsOf(rowsMax: number, form: ColumnsForm): Contender {
  const fill = form === "bare" ? fillBare : fillFromObjects;
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
      worker = new Worker(new URL("./columns-receiver.ts", import.meta.url), { workerData: { rowsMax, form } });
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
        const end = Math.min(events, start + rowsMax);
        const columns = columnsOver(buffer, rowsMax);
        columns.rowCount[0] = end - start;
        fill(columns, start, end);
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

type Fill = (columns: EventColumns, start: number, end: number) => void;

const fillBare: Fill = ({ ts, bridge, weight, vehicle }, start, end) => {
  for (let row = 0; row < end - start; row++) {
    const event = bridgeEventAt(start + row);
    ts[row] = event.ts;
    bridge[row] = event.bridge;
    weight[row] = event.weight;
    vehicle[row] = vehicleCodes.get(event.vehicle) ?? 0;
  }
};

/** Holding the latest object where others could read it is the cheapest way to make it escape. */
export let latest: BridgeEvent | undefined;

// A loop of its own: where an object may escape in one case, the compiler makes it in both.
const fillFromObjects: Fill = ({ ts, bridge, weight, vehicle }, start, end) => {
  for (let row = 0; row < end - start; row++) {
    const event = bridgeEventAt(start + row);
    latest = event;
    ts[row] = event.ts;
    bridge[row] = event.bridge;
    weight[row] = event.weight;
    vehicle[row] = vehicleCodes.get(event.vehicle) ?? 0;
  }
};
