/** q16: the statistics of q15 for each channel and day. */

import type { KeyedValue } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
import {
  type BidStatistics,
  bidStatistics,
  type StatisticsRow,
  type StatisticsState,
  statisticsColumns,
  statisticsRow,
} from "./bid-statistics.ts";
import { dayNumber, dayText, minuteText } from "./calendar.ts";
import { lastOfKey } from "./last-of-key.ts";
import { defineUpdatingQuery } from "./query.ts";

type Row = StatisticsRow & { readonly channel: string; readonly day: string; readonly minute: string };

export const q16 = defineUpdatingQuery<Row, KeyedValue<string, BidStatistics>>({
  name: "q16",
  title: "channel statistics: those of q15 for each channel",
  columns: ["channel", "day", "minute", ...statisticsColumns],
  build: ({ bids }) => bids.keyBy(channelAndDay).aggregate("q16", bidStatistics, { emit: "batch" }),
  rowsOf: (results) => Array.from(lastOfKey(results), ([key, statistics]) => rowOf(key, statistics)),
  loop(events) {
    const states = new Map<string, StatisticsState>();
    for (const event of events) {
      if (event.type !== "bid") continue;
      const key = channelAndDay(event);
      states.set(key, bidStatistics.add(states.get(key) ?? bidStatistics.create(), event));
    }
    return Array.from(states, ([key, state]) => rowOf(key, bidStatistics.finish(state)));
  },
});

function channelAndDay({ channel, dateTime }: Bid): string {
  return `${channel} ${dayNumber(dateTime)}`;
}

function rowOf(key: string, statistics: BidStatistics): Row {
  const [channel = "", day] = key.split(" ");
  const { newest } = statistics;
  return { channel, day: dayText(Number(day)), minute: minuteText(newest), ...statisticsRow(statistics) };
}
