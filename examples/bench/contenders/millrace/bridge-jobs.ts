/** The jobs of W1 to W4, as an author would write them. The source makes events as the other contenders' does. */

import { defineJob, discard, generate } from "../../../../jobs/index.ts";
import { bridgeEventAt, isHeavy, toCrossing } from "../../bridge-event.ts";

export interface BridgeParams {
  readonly events: number;
}

/** W1: what is kept is counted by its sink. */
export const heavyCrossings = defineJob("heavy-crossings", import.meta.url, (job, { events }: BridgeParams) => {
  job
    .source("bridges", generate({ count: events, from: bridgeEventAt }))
    .map("crossing", toCrossing)
    .filter("heavy", isHeavy)
    .sink("kept", discard());
});

/** W2 on one thread, W4 with the counter on another. */
export const countPerBridge = defineJob("count-per-bridge", import.meta.url, (job, { events }: BridgeParams) => {
  job
    .source("bridges", generate({ count: events, from: bridgeEventAt }))
    .keyBy((event) => event.bridge)
    .count("per-bridge", { emit: "end" })
    .collect("counts");
});
