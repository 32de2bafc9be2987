/**
 * The hand-written loop. As the reference it makes each event an object on the heap, as any runtime must that takes
 * events from a source it does not know. The erased form lets the compiler see that no event leaves the loop, and
 * remove it: a limit for one thread, not a rival. In both the compiler may remove what the map returns.
 */

import { BridgeCounts } from "../bridge-counts.ts";
import { type BridgeEvent, bridgeEventAt, isHeavy, toCrossing } from "../bridge-event.ts";
import { BridgeWindows, SecondsCheck } from "../bridge-windows.ts";
import type { Contender } from "../contender.ts";

/** Holding the latest object where others could read it is the cheapest way to make it escape. */
export let latest: BridgeEvent | undefined;

export const heavyLoop: Contender = {
  async round(events) {
    let kept = 0;
    for (let index = 0; index < events; index++) {
      const event = bridgeEventAt(index);
      latest = event;
      if (isHeavy(toCrossing(event))) kept++;
    }
    return { answer: [kept] };
  },
};

export const erasedHeavyLoop: Contender = {
  async round(events) {
    let kept = 0;
    for (let index = 0; index < events; index++) if (isHeavy(toCrossing(bridgeEventAt(index)))) kept++;
    return { answer: [kept] };
  },
};

export const countLoop: Contender = {
  async round(events) {
    const counts = new BridgeCounts();
    for (let index = 0; index < events; index++) {
      const event = bridgeEventAt(index);
      latest = event;
      counts.add(event.bridge);
    }
    return { answer: counts.toAnswer() };
  },
};

export const secondsLoop: Contender = {
  async round(events) {
    const windows = new BridgeWindows();
    const check = new SecondsCheck();
    for (let index = 0; index < events; index++) {
      const event = bridgeEventAt(index);
      latest = event;
      const ended = windows.add(event);
      if (ended !== undefined) check.add(ended);
    }
    for (const open of windows.open()) check.add(open);
    return { answer: check.toAnswer() };
  },
};

export const erasedCountLoop: Contender = {
  async round(events) {
    const counts = new BridgeCounts();
    for (let index = 0; index < events; index++) counts.add(bridgeEventAt(index).bridge);
    return { answer: counts.toAnswer() };
  },
};
