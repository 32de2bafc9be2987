/** The job: the events of NEXMark, and any of its queries over them, each of which is collected. */

import { defineJob } from "../../jobs/index.ts";
import { disorderMs, type StreamSettings } from "./generator/event-stream.ts";
import { NexmarkStreams } from "./nexmark-streams.ts";
import { preparedSource } from "./prepared-events.ts";
import { queries } from "./queries/queries.ts";

export interface NexmarkParams {
  readonly stream: StreamSettings;
  /** Names of queries. */
  readonly queries: readonly string[];
  /** Of the source, and of all operators behind it. Default 1. */
  readonly parallelism?: number;
}

/** The name of the sink that collects what a query puts out. */
export function rowsSink(query: string): string {
  return `${query}-rows`;
}

export default defineJob("nexmark", import.meta.url, (job, params: NexmarkParams) => {
  const { stream, queries: names, parallelism = 1 } = params;
  const events = job
    .source("events", preparedSource(stream), { parallelism })
    .eventTime("event-time", { time: ({ dateTime }) => dateTime, outOfOrderness: disorderMs(stream), maxAhead: false });
  const streams = new NexmarkStreams(job, events);
  for (const query of queries) {
    if (names.includes(query.name)) query.build(streams).collect(rowsSink(query.name));
  }
});
