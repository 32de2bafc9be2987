/** The jobs of W9: the weight per lane by windows of an hour, of a stream of 100 events per ms. */

import { count, defineJob, generate, sliding, tumbling } from "../../../../jobs/index.ts";

export interface WindowParams {
  readonly events: number;
  /** How many windows each event is in: one, or one for each second of the hour. */
  readonly windowsPerEvent: 1 | 3_600;
}

const startMs = 1_700_000_000_000;
const eventsPerMs = 100;
const lanes = 10;

export const windowedLanes = defineJob("windowed-lanes", import.meta.url, (job, params: WindowParams) => {
  const windows = params.windowsPerEvent === 1 ? tumbling("1h") : sliding("1h", "1s");
  job
    .source("crossings", generate({ count: params.events }))
    .eventTime("at", { time: (index) => startMs + Math.floor(index / eventsPerMs) })
    .keyBy((index) => index % lanes)
    .window("hours", windows, count())
    .collect("results");
});
