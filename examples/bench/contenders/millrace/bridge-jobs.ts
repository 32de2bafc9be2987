/** The jobs of W1 to W4 and W11, as an author would write them. The source makes events as the other contenders' does. */

import {
  defineJob,
  discard,
  generate,
  type KeyedWindowResult,
  type ProcessContext,
  sum,
  tumbling,
} from "../../../../jobs/index.ts";
import { type BridgeEvent, bridgeCount, bridgeEventAt, isHeavy, toCrossing } from "../../bridge-event.ts";
import { SecondsCheck, windowMs } from "../../bridge-windows.ts";

export interface BridgeParams {
  readonly events: number;
  /** Instances of the source, and of what is behind `keyBy`. Default 1. */
  readonly parallelism?: number;
}

/** What both counters of bridges tell at the end. */
export interface KeyCount {
  readonly key: number;
  readonly count: number;
}

/** The answer of W2: counts by bridge. */
export function bridgeAnswer(counts: readonly KeyCount[]): number[] {
  const answer = new Array<number>(bridgeCount).fill(0);
  for (const { key, count } of counts) answer[key] = count;
  return answer;
}

/** W1: what is kept is counted by its sink. */
export const heavyCrossings = defineJob("heavy-crossings", import.meta.url, (job, { events }: BridgeParams) => {
  job
    .source("bridges", generate({ count: events, from: bridgeEventAt }))
    .map("crossing", toCrossing)
    .filter("heavy", isHeavy)
    .sink("kept", discard());
});

/** W2 and W11; W4 with one source on a thread and one counter on another, which is sent counts. */
export const countPerBridge = defineJob("count-per-bridge", import.meta.url, (job, params: BridgeParams) => {
  const { events, parallelism = 1 } = params;
  job
    .source("bridges", generate({ count: events, from: bridgeEventAt }), { parallelism })
    .keyBy((event) => event.bridge)
    .count("per-bridge", { emit: "end", parallelism })
    .collect("counts");
});

/** W4, with a counter that is code of its own, so that each event is sent. */
export const eachToCounter = defineJob("each-to-counter", import.meta.url, (job, { events }: BridgeParams) => {
  job
    .source("bridges", generate({ count: events, from: bridgeEventAt }))
    .keyBy((event) => event.bridge)
    .process("per-bridge", () => new BridgesCounted())
    .collect("counts");
});

/** W3. What becomes of the results is an operator behind the windows, where a user's own code would take them. */
export const sumPerSecond = defineJob("sum-per-second", import.meta.url, (job, params: BridgeParams) => {
  const { events, parallelism = 1 } = params;
  job
    .source("bridges", generate({ count: events, from: bridgeEventAt }), { parallelism })
    .eventTime("at", { time: (event) => event.ts })
    .keyBy((event) => event.bridge)
    .window(
      "seconds",
      tumbling(windowMs),
      sum((event) => event.weight),
      { parallelism },
    )
    .process("check", () => new SecondsChecked(), { parallelism })
    .collect("answers");
});

class BridgesCounted {
  readonly #counts = new Array<number>(bridgeCount).fill(0);

  onEvent({ bridge }: BridgeEvent): void {
    this.#counts[bridge]! += 1;
  }

  onEnd(context: ProcessContext<KeyCount>): void {
    for (const [key, count] of this.#counts.entries()) context.emit({ key, count });
  }
}

class SecondsChecked {
  readonly #check = new SecondsCheck();

  onEvent({ key, window, value }: KeyedWindowResult<number, number>): void {
    this.#check.add({ bridge: key, startMs: window.start, weight: value });
  }

  onEnd(context: ProcessContext<readonly number[]>): void {
    context.emit(this.#check.toAnswer());
  }
}
