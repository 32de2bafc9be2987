/** StreamCellStats: what a stream cell has done so far. */

import type { OutputChannel } from "../channels/output-edge.ts";
import type { SourceProgress } from "../source.ts";
import type { OperatorCounters, OperatorStage } from "./operator-stage.ts";

export interface StreamCellStats {
  /** By operator name. */
  readonly operators: Readonly<Record<string, OperatorCounters>>;
  /** By operator name: what it has been waiting for long. */
  readonly waits: Readonly<Record<string, string>>;
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

/** What holds up the operators of a cell. */
export function waitsOf(stages: readonly OperatorStage[]): StreamCellStats["waits"] {
  const waits: Record<string, string> = {};
  for (const { spec, logic } of stages) {
    const waitsFor = logic.waitsFor?.();
    if (waitsFor !== undefined) waits[spec.name] = waitsFor;
  }
  return waits;
}
