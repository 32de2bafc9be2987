/** discard: a sink that keeps nothing. What passed it is counted like for every operator. */

import type { EventStep, OperatorLogic } from "../operator.ts";
import type { SinkSpec } from "../sink.ts";

/** Takes every event and drops it; for measuring, and for streams that are run for what happens on the way. */
export function discard(): SinkSpec<unknown> {
  return { kind: "discard", create: () => discarding };
}

/** One that lets nothing through. */
const step: EventStep = { kind: "filter", fn: () => false, context: { enter: () => undefined } };
const discarding: OperatorLogic = { onBatch: () => undefined, eachEvent: () => step };
