/**
 * Worker: every other event of W3. It keeps the events of every other bridge, and sends those of the others as typed columns, in buffers that
 * come back: those are the credit. The port is read between stretches of events, without the event loop.
 */

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { type BridgeEvent, bridgeEventAt } from "../../bridge-event.ts";
import { columnBytes, columnsOver } from "../hop/event-columns.ts";
import { PairWindows } from "./pair-windows.ts";

export interface PairSeat {
  /** 0 or 1: of its events and of its bridges. */
  readonly place: number;
  readonly port: MessagePort;
}

/** Columns to be added, or a buffer that comes back. */
type Packet =
  | { readonly kind: "columns"; readonly buffer: ArrayBuffer; readonly watermark: number }
  | { readonly kind: "back"; readonly buffer: ArrayBuffer };

const rowsMax = 1_024;
const bufferCount = 16;
const stretch = 4_096;
const { place, port } = workerData as PairSeat;

/** Holding the latest object where others could read it is the cheapest way to make it escape. */
export let latest: BridgeEvent | undefined;

parentPort?.on("message", async (events: number) => parentPort?.postMessage(await round(events)));

async function round(events: number): Promise<number[]> {
  const windows = new PairWindows();
  const free = Array.from({ length: bufferCount }, () => new ArrayBuffer(columnBytes(rowsMax)));
  let own = Number.NEGATIVE_INFINITY;
  let other = Number.NEGATIVE_INFINITY;

  const take = (packet: Packet): void => {
    const { buffer } = packet;
    if (packet.kind === "back") {
      free.push(buffer);
      return;
    }
    const { rowCount, bridge, ts, weight } = columnsOver(buffer, rowsMax);
    const rows = rowCount[0]!;
    for (let row = 0; row < rows; row++) windows.add(bridge[row]!, ts[row]!, weight[row]!);
    other = packet.watermark;
    windows.advance(Math.min(own, other));
    port.postMessage({ kind: "back", buffer } satisfies Packet, [buffer]);
  };
  const takeAll = (): void => {
    for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) take(got.message);
  };
  const takeNext = () =>
    new Promise<void>((resolve) => {
      port.once("message", (packet: Packet) => {
        take(packet);
        resolve();
      });
    });

  let columns = columnsOver(free.pop()!, rowsMax);
  let rows = 0;
  const send = (watermark: number): void => {
    const buffer = columns.rowCount.buffer as ArrayBuffer;
    columns.rowCount[0] = rows;
    port.postMessage({ kind: "columns", buffer, watermark } satisfies Packet, [buffer]);
    rows = 0;
  };
  for (let from = 0; from < events; from += stretch) {
    const to = Math.min(events, from + stretch);
    for (let index = from + place; index < to; index += 2) {
      const event = bridgeEventAt(index);
      latest = event;
      own = event.ts;
      if ((event.bridge & 1) === place) {
        windows.add(event.bridge, event.ts, event.weight);
        continue;
      }
      columns.ts[rows] = event.ts;
      columns.bridge[rows] = event.bridge;
      columns.weight[rows] = event.weight;
      rows++;
      if (rows < rowsMax) continue;
      send(own);
      takeAll();
      while (free.length === 0) await takeNext();
      columns = columnsOver(free.pop()!, rowsMax);
    }
    windows.advance(Math.min(own, other));
    takeAll();
  }
  own = Number.POSITIVE_INFINITY;
  send(own);
  while (other !== Number.POSITIVE_INFINITY) await takeNext();
  // The other one may still give its buffers back, or be given them.
  while (free.length < bufferCount) await takeNext();
  windows.advance(own);
  return windows.toAnswer();
}
