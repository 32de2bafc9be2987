/**
 * Async generators over batches: what a careful user writes without any library. A batch per `await` instead of an
 * event per `await` makes the promises nearly free; map and filter share one pass, as one would write by hand.
 * Batches of 128 and 1024 were not faster than 256.
 */

import { BridgeCounts } from "../bridge-counts.ts";
import { type BridgeEvent, bridgeEventAt, type Crossing, isHeavy, toCrossing } from "../bridge-event.ts";
import { type BridgeSecond, BridgeWindows, SecondsCheck } from "../bridge-windows.ts";
import type { Contender } from "../contender.ts";

const batchSize = 256;

export const heavy: Contender = {
  async round(events) {
    let kept = 0;
    for await (const batch of heavyCrossings(source(events))) kept += batch.length;
    return { answer: [kept] };
  },
};

export const perBridge: Contender = {
  async round(events) {
    const counts = new BridgeCounts();
    for await (const batch of source(events)) for (const event of batch) counts.add(event.bridge);
    return { answer: counts.toAnswer() };
  },
};

export const perSecond: Contender = {
  async round(events) {
    const check = new SecondsCheck();
    for await (const batch of seconds(source(events))) for (const second of batch) check.add(second);
    return { answer: check.toAnswer() };
  },
};

async function* source(events: number): AsyncGenerator<BridgeEvent[]> {
  for (let start = 0; start < events; start += batchSize) {
    const batch: BridgeEvent[] = [];
    const end = Math.min(events, start + batchSize);
    for (let index = start; index < end; index++) batch.push(bridgeEventAt(index));
    yield batch;
  }
}

async function* seconds(batches: AsyncIterable<BridgeEvent[]>): AsyncGenerator<BridgeSecond[]> {
  const windows = new BridgeWindows();
  for await (const batch of batches) {
    const ended: BridgeSecond[] = [];
    for (const event of batch) {
      const second = windows.add(event);
      if (second !== undefined) ended.push(second);
    }
    yield ended;
  }
  yield [...windows.open()];
}

async function* heavyCrossings(batches: AsyncIterable<BridgeEvent[]>): AsyncGenerator<Crossing[]> {
  for await (const batch of batches) {
    const kept: Crossing[] = [];
    for (const event of batch) {
      const crossing = toCrossing(event);
      if (isHeavy(crossing)) kept.push(crossing);
    }
    yield kept;
  }
}
