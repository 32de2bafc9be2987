/**
 * Prepared events: a stream of NEXMark in memory, and a source that hands it out. To make an event takes longer than most queries do, so
 * that a throughput with the generator in it would be that of the generator.
 */

import { setImmediate } from "node:timers/promises";
import { defineSource, type SourceReader, type SourceSpec } from "../../jobs/index.ts";
import type { NexmarkEvent } from "./generator/event.ts";
import { eventStream, type StreamSettings } from "./generator/event-stream.ts";

let newest: { readonly name: string; readonly events: readonly NexmarkEvent[] } | undefined;

/** The events in the order in which they come. Those that were asked for last are kept, once per thread. */
export function preparedEvents(stream: StreamSettings): readonly NexmarkEvent[] {
  const steps = preparing(stream);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** The same, while the thread does other things, too: one that is busy for long without a break is taken for hung. */
async function preparedMeanwhile(stream: StreamSettings): Promise<readonly NexmarkEvent[]> {
  const steps = preparing(stream);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await setImmediate();
  }
}

/** Events of one step. */
const stepEvents = 1_000;

function* preparing(stream: StreamSettings): Generator<void, readonly NexmarkEvent[]> {
  const name = JSON.stringify(stream);
  if (newest?.name === name) return newest.events;
  newest = undefined;
  const at = eventStream(stream);
  const events: NexmarkEvent[] = [];
  while (events.length < stream.events) {
    const to = Math.min(events.length + stepEvents, stream.events);
    for (let index = events.length; index < to; index += 1) events.push(at(index));
    yield;
  }
  newest = { name, events };
  return events;
}

/** Hands them out from memory, where they are before the source is open. Of several instances each takes its share, block by block. */
export function preparedSource(stream: StreamSettings): SourceSpec<NexmarkEvent> {
  return defineSource<NexmarkEvent>({
    kind: "prepared",
    bounded: true,
    replayable: true,
    seeks: true,
    create: () => preparedReader(stream),
  });
}

/**
 * Events of one ms are in one block, as long as no more than so many happen in a ms and a block does not begin between them: so it is
 * the order of the stream that says which came first, whatever the number of instances.
 */
const blockEvents = 50;

function preparedReader(stream: StreamSettings): SourceReader<NexmarkEvent> {
  let events: readonly NexmarkEvent[] = [];
  let next = 0;
  let blocksBetween = 0;
  /** Where the events end that follow those at `next` in this instance. */
  const endOfBlock = () => (blocksBetween === 0 ? events.length : next - (next % blockEvents) + blockEvents);
  return {
    async open({ instance, parallelism }, position) {
      events = await preparedMeanwhile(stream);
      next = typeof position === "number" ? position : instance * blockEvents;
      blocksBetween = (parallelism - 1) * blockEvents;
    },
    poll(output, eventCountMax) {
      for (let left = eventCountMax; left > 0 && next < events.length; ) {
        const to = Math.min(next + left, endOfBlock(), events.length);
        output.emitAll(events.slice(next, to));
        left -= to - next;
        next = to;
        if (next % blockEvents === 0) next += blocksBetween;
      }
      return next < events.length ? "more" : "end";
    },
    position: () => next,
    progress: () => ({ done: Math.min(next, events.length), total: events.length, unit: "events" }),
  };
}
