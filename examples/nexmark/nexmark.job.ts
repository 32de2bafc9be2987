/** The job: the events of NEXMark, and any of its queries over them, each of which is collected. */

import { defineJob, generate } from "../../jobs/index.ts";
import { disorderMs, eventStream, type StreamSettings } from "./generator/event-stream.ts";
import { NexmarkStreams } from "./nexmark-streams.ts";
import { queries } from "./queries/queries.ts";

export interface NexmarkParams {
  readonly stream: StreamSettings;
  /** Names of queries. */
  readonly queries: readonly string[];
}

/** The name of the sink that collects what a query puts out. */
export function rowsSink(query: string): string {
  return `${query}-rows`;
}

export default defineJob("nexmark", import.meta.url, (job, { stream, queries: names }: NexmarkParams) => {
  const events = job
    .source("events", generate({ count: stream.events, from: eventStream(stream) }))
    .eventTime("event-time", { time: ({ dateTime }) => dateTime, outOfOrderness: disorderMs(stream), maxAhead: false });
  const streams = new NexmarkStreams(job, events);
  for (const query of queries) {
    if (names.includes(query.name)) query.build(streams).collect(rowsSink(query.name));
  }
});
