/**
 * Effect 4 Stream. Effect moves chunks, so its best form makes chunks at the source and keeps them to the end:
 * `Stream.range` with a chunk size, pure `map` and `filter`, a pure fold. Of chunks of 256 to 16384, 256 and 16384 were
 * slower, 1024 and 4096 equal. `fromIterable` over a generator was no faster; `groupByKey` makes a queue per key and is
 * far slower than a fold.
 */

import { Effect, Stream } from "effect";
import { BridgeCounts } from "../bridge-counts.ts";
import { type BridgeEvent, bridgeEventAt, isHeavy, toCrossing } from "../bridge-event.ts";
import { type BridgeSecond, BridgeWindows, SecondsCheck } from "../bridge-windows.ts";
import type { Contender } from "../contender.ts";

const chunkSize = 1024;

export const heavy: Contender = {
  async round(events) {
    const kept = source(events).pipe(Stream.map(toCrossing), Stream.filter(isHeavy), Stream.runCount);
    return { answer: [await Effect.runPromise(kept)] };
  },
};

export const perBridge: Contender = {
  async round(events) {
    const counts = source(events).pipe(Stream.runFold(() => new BridgeCounts(), addTo));
    return { answer: (await Effect.runPromise(counts)).toAnswer() };
  },
};

export const perSecond: Contender = {
  async round(events) {
    const windows = new BridgeWindows();
    const seconds = source(events).pipe(
      Stream.map((event) => windows.add(event)),
      Stream.filter((ended) => ended !== undefined),
      Stream.concat(Stream.suspend(() => Stream.fromIterable(windows.open()))),
      Stream.runFold(() => new SecondsCheck(), addSecondTo),
    );
    return { answer: (await Effect.runPromise(seconds)).toAnswer() };
  },
};

function source(events: number): Stream.Stream<BridgeEvent> {
  return Stream.range(0, events - 1, chunkSize).pipe(Stream.map(bridgeEventAt));
}

function addSecondTo(check: SecondsCheck, second: BridgeSecond): SecondsCheck {
  check.add(second);
  return check;
}

function addTo(counts: BridgeCounts, event: BridgeEvent): BridgeCounts {
  counts.add(event.bridge);
  return counts;
}
