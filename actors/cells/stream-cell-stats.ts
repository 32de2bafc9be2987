/** StreamCellStats: what a stream cell has done so far. */

import type { OutputChannel } from "../channels/output-edge.ts";
import type { SourceProgress } from "../source.ts";
import type { OperatorCounters } from "./operator-stage.ts";

export interface StreamCellStats {
  /** By operator name. */
  readonly operators: Readonly<Record<string, OperatorCounters>>;
  readonly progress: SourceProgress | undefined;
  /** Events waiting at the inputs of receivers that lack credit. */
  readonly unsentEvents: number;
  /** Events in flight to receivers that were lost, and not sent again. */
  readonly lostEvents: number;
}

/** What the channels of a cell hold, and have lost. */
export function trafficOf(channels: Iterable<OutputChannel>): Pick<StreamCellStats, "unsentEvents" | "lostEvents"> {
  let unsentEvents = 0;
  let lostEvents = 0;
  for (const { outbox } of channels) {
    unsentEvents += outbox.unsentEvents;
    lostEvents += outbox.lostEvents;
  }
  return { unsentEvents, lostEvents };
}
