/** q15: bids, bidders and auctions of each day, by the rank of the price. */

import type { KeyedValue } from "../../../jobs/index.ts";
import {
  type BidStatistics,
  bidStatistics,
  type StatisticsRow,
  type StatisticsState,
  statisticsColumns,
  statisticsRow,
} from "./bid-statistics.ts";
import { dayNumber, dayText } from "./calendar.ts";
import { lastOfKey } from "./last-of-key.ts";
import { defineUpdatingQuery } from "./query.ts";

type Row = StatisticsRow & { readonly day: string };

export const q15 = defineUpdatingQuery<Row, KeyedValue<number, BidStatistics>>({
  name: "q15",
  title: "bidding statistics: different bidders and auctions of a day",
  columns: ["day", ...statisticsColumns],
  build: ({ bids }) =>
    bids.keyBy(({ dateTime }) => dayNumber(dateTime)).aggregate("q15", bidStatistics, { emit: "batch" }),
  rowsOf: (results) => Array.from(lastOfKey(results), ([day, statistics]) => rowOf(day, statistics)),
  loop(events) {
    const days = new Map<number, StatisticsState>();
    for (const event of events) {
      if (event.type !== "bid") continue;
      const day = dayNumber(event.dateTime);
      days.set(day, bidStatistics.add(days.get(day) ?? bidStatistics.create(), event));
    }
    return Array.from(days, ([day, state]) => rowOf(day, bidStatistics.finish(state)));
  },
});

function rowOf(day: number, statistics: BidStatistics): Row {
  return { day: dayText(day), ...statisticsRow(statistics) };
}
