/**
 * Node streams in object mode. Their best form: a Readable whose `read` pushes until the buffer is full (`from` over a
 * generator was slower), one Transform that both maps and drops (with two of them a good third slower), callbacks
 * called at once, and room for 256 events between stages: 16 and 64 were slower, 1024 no faster.
 */

import { Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BridgeCounts } from "../bridge-counts.ts";
import { type BridgeEvent, bridgeEventAt, isHeavy, toCrossing } from "../bridge-event.ts";
import { type BridgeSecond, BridgeWindows, SecondsCheck } from "../bridge-windows.ts";
import type { Contender } from "../contender.ts";

const options = { objectMode: true, highWaterMark: 256 };

export const heavy: Contender = {
  async round(events) {
    let kept = 0;
    await pipeline(
      source(events),
      heavyCrossings(),
      sink(() => kept++),
    );
    return { answer: [kept] };
  },
};

export const perBridge: Contender = {
  async round(events) {
    const counts = new BridgeCounts();
    await pipeline(
      source(events),
      sink((event: BridgeEvent) => counts.add(event.bridge)),
    );
    return { answer: counts.toAnswer() };
  },
};

export const perSecond: Contender = {
  async round(events) {
    const check = new SecondsCheck();
    await pipeline(
      source(events),
      seconds(),
      sink((second: BridgeSecond) => check.add(second)),
    );
    return { answer: check.toAnswer() };
  },
};

function source(events: number): Readable {
  let index = 0;
  return new Readable({
    ...options,
    read() {
      while (index < events) if (!this.push(bridgeEventAt(index++))) return;
      this.push(null);
    },
  });
}

function heavyCrossings(): Transform {
  return new Transform({
    ...options,
    transform(event: BridgeEvent, _encoding, done) {
      const crossing = toCrossing(event);
      if (isHeavy(crossing)) done(null, crossing);
      else done();
    },
  });
}

function seconds(): Transform {
  const windows = new BridgeWindows();
  return new Transform({
    ...options,
    transform(event: BridgeEvent, _encoding, done) {
      const ended = windows.add(event);
      if (ended !== undefined) done(null, ended);
      else done();
    },
    flush(done) {
      for (const open of windows.open()) this.push(open);
      done();
    },
  });
}

function sink<Item>(receive: (item: Item) => void): Writable {
  return new Writable({
    ...options,
    write(item: Item, _encoding, done) {
      receive(item);
      done();
    },
  });
}
