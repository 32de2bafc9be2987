/** The jobs of the workload `windows`: the weight per lane by windows of an hour, of a stream of 100 events per ms. */

import { count, defineJob, generate, sliding, tumbling } from "../../../../jobs/index.ts";

export interface WindowParams {
  readonly events: number;
  readonly windows: keyof typeof assigners;
}

/** By the hour; by the second, with as many results as the sliding ones; an hour by the second, where each event is in 3,600 windows. */
export const assigners = {
  hour: { windows: tumbling("1h"), perEvent: 1 },
  second: { windows: tumbling("1s"), perEvent: 1 },
  sliding: { windows: sliding("1h", "1s"), perEvent: 3_600 },
} as const;

const startMs = 1_700_000_000_000;
const eventsPerMs = 100;
const lanes = 10;

export const windowedLanes = defineJob("windowed-lanes", import.meta.url, (job, params: WindowParams) => {
  job
    .source("crossings", generate({ count: params.events }))
    .eventTime("at", { time: (index) => startMs + Math.floor(index / eventsPerMs) })
    .keyBy((index) => index % lanes)
    .window("hours", assigners[params.windows].windows, count())
    .collect("results");
});
