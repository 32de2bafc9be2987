/**
 * PacedCrossings: the source of W6: events at a rate, each with the moment at which it is due. That moment does not depend on when the
 * source comes to run, so latencies that are measured from there count what a source that is held up would keep quiet
 * ("coordinated omission", Gil Tene).
 */

import { defineSource, type SourceContext, type SourceReader, type SourceSpec } from "../../../../jobs/index.ts";
import { type BridgeEvent, bridgeEventAt } from "../../bridge-event.ts";
import { threadNowMs } from "../../thread-clock.ts";

export interface PacedCrossing extends BridgeEvent {
  readonly index: number;
  /** On the clock of all threads. */
  readonly dueMs: number;
}

/**
 * Event `i` of `count` is due `i / ratePerMs` ms behind the first poll. Each instance takes the indices that are its number modulo the
 * parallelism.
 *
 * @param replayable without it like a socket: what was emitted is gone
 */
export function pacedCrossings(ratePerMs: number, count: number, replayable: boolean): SourceSpec<PacedCrossing> {
  const create = () => reader(ratePerMs, count);
  return defineSource({ kind: "paced", bounded: true, replayable, seeks: replayable, create });
}

function reader(ratePerMs: number, count: number): SourceReader<PacedCrossing> {
  let context: SourceContext;
  let index = 0;
  let startMs: number | undefined;
  return {
    open(opened, position) {
      context = opened;
      index = typeof position === "number" ? position : opened.instance;
    },
    poll(output, eventCountMax) {
      const nowMs = threadNowMs();
      startMs ??= nowMs - index / ratePerMs;
      for (let left = eventCountMax; left > 0 && index < count; left -= 1) {
        const dueMs = startMs + index / ratePerMs;
        if (dueMs > nowMs) break;
        const { vehicle, bridge, ts, weight } = bridgeEventAt(index);
        output.emit({ vehicle, bridge, ts, weight, index, dueMs });
        index += context.parallelism;
      }
      if (index >= count) return "end";
      const waitMs = startMs + index / ratePerMs - nowMs;
      if (waitMs <= 0) return "more";
      context.clock.after(waitMs, () => context.wake());
      return "waiting";
    },
    position: () => index,
  };
}
