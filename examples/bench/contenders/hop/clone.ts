/**
 * worker_threads by structured clone: what everybody tries first (one by one), and what it becomes with batches. The
 * windows hold about the same number of events in all forms.
 */

import { type BridgeEvent, bridgeEventAt } from "../../bridge-event.ts";
import type { Contender } from "../../contender.ts";
import { batchContender } from "./batch-contender.ts";
import { HopSender } from "./hop-sender.ts";

const windowEvents = 16_384;

export function oneByOne(): Contender {
  let hop: HopSender<BridgeEvent>;
  return {
    async setup() {
      hop = new HopSender(new URL("./clone-one-receiver.ts", import.meta.url), {
        windowMessages: windowEvents,
        messagesPerCredit: windowEvents / 4,
      });
    },
    async round(events) {
      for (let index = 0; index < events; index++) {
        const event = bridgeEventAt(index);
        while (!hop.tryPost(event)) await hop.refilled();
      }
      return { answer: await hop.finish() };
    },
    teardown: () => hop.stop(),
  };
}

export function batchesOf(batchSize: number): Contender {
  return batchContender(batchSize, new URL("./clone-batch-receiver.ts", import.meta.url), (batch) => batch);
}
