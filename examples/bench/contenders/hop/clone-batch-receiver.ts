/** Worker: one structured clone is an array of events. */

import type { BridgeEvent } from "../../bridge-event.ts";
import { receiveHop } from "./receive-hop.ts";

receiveHop<readonly BridgeEvent[]>((batch, counts) => {
  for (const event of batch) counts.add(event.bridge);
});
