/** W4 with batches of event objects that are encoded and posted as one message; the encodings differ, this does not. */

import type { Transferable } from "node:worker_threads";
import { type BridgeEvent, bridgeEventAt } from "../../bridge-event.ts";
import type { Contender } from "../../contender.ts";
import { HopSender } from "./hop-sender.ts";

const windowEvents = 16_384;

export function batchContender<Payload>(
  batchSize: number,
  receiver: URL,
  encode: (batch: BridgeEvent[]) => Payload,
  transfer?: (payload: Payload) => Transferable[],
): Contender {
  const windowMessages = windowEvents / batchSize;
  let hop: HopSender<Payload>;
  return {
    async setup() {
      hop = new HopSender(receiver, { windowMessages, messagesPerCredit: windowMessages / 4 });
    },
    async round(events) {
      for (let start = 0; start < events; start += batchSize) {
        const payload = encode(batchAt(start, Math.min(events, start + batchSize)));
        while (!hop.tryPost(payload, transfer?.(payload))) await hop.refilled();
      }
      return { answer: await hop.finish() };
    },
    teardown: () => hop.stop(),
  };
}

function batchAt(start: number, end: number): BridgeEvent[] {
  const batch: BridgeEvent[] = [];
  for (let index = start; index < end; index++) batch.push(bridgeEventAt(index));
  return batch;
}
