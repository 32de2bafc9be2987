/**
 * RxJS 7. Its best form is a synchronous source: a plain loop inside `new Observable`, a little faster than `range` and
 * `map`, with no scheduler involved. W2 folds with `reduce`: `groupBy` makes a subject per key and is several times
 * slower. W3 is an operator of its own, as `new Observable` writes them: `scan` and `mergeMap` make an observable per event.
 */

import { count, filter, lastValueFrom, map, Observable, reduce } from "rxjs";
import { BridgeCounts } from "../bridge-counts.ts";
import { type BridgeEvent, bridgeEventAt, isHeavy, toCrossing } from "../bridge-event.ts";
import { type BridgeSecond, BridgeWindows, SecondsCheck } from "../bridge-windows.ts";
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

export const perSecond: Contender = {
  async round(events) {
    const check = new SecondsCheck();
    await source(events)
      .pipe(inSeconds)
      .forEach((second) => {
        check.add(second);
      });
    return { answer: check.toAnswer() };
  },
};

function inSeconds(events: Observable<BridgeEvent>): Observable<BridgeSecond> {
  return new Observable((subscriber) => {
    const windows = new BridgeWindows();
    return events.subscribe({
      next: (event) => {
        const ended = windows.add(event);
        if (ended !== undefined) subscriber.next(ended);
      },
      error: (error) => subscriber.error(error),
      complete: () => {
        for (const open of windows.open()) subscriber.next(open);
        subscriber.complete();
      },
    });
  });
}

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
