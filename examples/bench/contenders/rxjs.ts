/**
 * RxJS 7. Its best form is a synchronous source: a plain loop inside `new Observable`, a little faster than `range` and
 * `map`, with no scheduler involved. W2 folds with `reduce`: `groupBy` makes a subject per key and is several times
 * slower.
 */

import { count, filter, lastValueFrom, map, Observable, reduce } from "rxjs";
import { BridgeCounts } from "../bridge-counts.ts";
import { type BridgeEvent, bridgeEventAt, isHeavy, toCrossing } from "../bridge-event.ts";
import type { Contender } from "../contender.ts";

export const heavy: Contender = {
  async round(events) {
    return { answer: [await lastValueFrom(source(events).pipe(map(toCrossing), filter(isHeavy), count()))] };
  },
};

export const perBridge: Contender = {
  async round(events) {
    const counts = await lastValueFrom(source(events).pipe(reduce(addTo, new BridgeCounts())));
    return { answer: counts.toAnswer() };
  },
};

function source(events: number): Observable<BridgeEvent> {
  return new Observable((subscriber) => {
    for (let index = 0; index < events && !subscriber.closed; index++) subscriber.next(bridgeEventAt(index));
    subscriber.complete();
  });
}

function addTo(counts: BridgeCounts, event: BridgeEvent): BridgeCounts {
  counts.add(event.bridge);
  return counts;
}
