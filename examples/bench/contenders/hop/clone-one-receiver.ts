/** Worker: one structured clone is one event. */

import type { BridgeEvent } from "../../bridge-event.ts";
import { receiveHop } from "./receive-hop.ts";

receiveHop<BridgeEvent>((event, counts) => counts.add(event.bridge));
