/** Worker: one message is an array of events as msgpackr records. */

import { Unpackr } from "msgpackr";
import type { BridgeEvent } from "../../bridge-event.ts";
import { receiveHop } from "./receive-hop.ts";

const unpackr = new Unpackr({ useRecords: true });

receiveHop<Uint8Array>((bytes, counts) => {
  const batch = unpackr.unpack(bytes) as readonly BridgeEvent[];
  for (const event of batch) counts.add(event.bridge);
});
