/** The job: the events of NEXMark, and any of its queries over them, each of which is collected. */

import { defineJob, type Stream } from "../../jobs/index.ts";
import { KeptRows } from "./bench/kept-rows.ts";
import { disorderMs, type StreamSettings } from "./generator/event-stream.ts";
import { NexmarkStreams } from "./nexmark-streams.ts";
import { partitionedFiles } from "./partitioned-files.ts";
import { preparedSource } from "./prepared-events.ts";
import { type FiledBid, q10 } from "./queries/q10.ts";
import { queries } from "./queries/queries.ts";

export interface NexmarkParams {
  readonly stream: StreamSettings;
  /** Names of queries. */
  readonly queries: readonly string[];
  /** Of the source, and of all operators behind it. Default 1. */
  readonly parallelism?: number;
  /** Where q10 files its bids; without it they are collected. */
  readonly directory?: string;
  /** Whether the rows stay where they are made until the stream has ended, and are collected then. */
  readonly keepsRows?: boolean;
}

/** The name of the sink that collects what a query puts out. */
export function rowsSink(query: string): string {
  return `${query}-rows`;
}

export default defineJob("nexmark", import.meta.url, (job, params: NexmarkParams) => {
  const { stream, queries: names, parallelism = 1, directory, keepsRows = false } = params;
  const events = job
    .source("events", preparedSource(stream), { parallelism })
    .eventTime("event-time", { time: ({ dateTime }) => dateTime, outOfOrderness: disorderMs(stream), maxAhead: false });
  const streams = new NexmarkStreams(job, events);
  for (const query of queries.filter(({ name }) => names.includes(name))) {
    const results = query.build(streams);
    if (keepsRows) results.process(`${query.name}-kept`, KeptRows).collect(rowsSink(query.name));
    else if (query === q10 && directory !== undefined) {
      (results as Stream<FiledBid>).sink("q10-files", partitionedFiles(directory));
    } else results.collect(rowsSink(query.name));
  }
});
