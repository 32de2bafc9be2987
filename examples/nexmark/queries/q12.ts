/**
 * q12: how many bids each bidder makes in ten seconds by the clock of the machine. Which bids fall together differs from run to run, so
 * all that can be compared is how many there are.
 */

import { count, type KeyedWindowResult, tumbling } from "../../../jobs/index.ts";
import { defineUpdatingQuery } from "./query.ts";

interface Row {
  readonly bids: number;
}

export const q12 = defineUpdatingQuery<Row, KeyedWindowResult<number, number>>({
  name: "q12",
  title: "windows of processing time (only the number of bids is compared)",
  columns: ["bids"],
  build: ({ bids }) =>
    bids.keyBy(({ bidder }) => bidder).window("q12", tumbling("10s"), count(), { time: "processing" }),
  rowsOf: (results) => [{ bids: results.reduce((total, { value }) => total + value, 0) }],
  loop(events) {
    const counts = new Map<number, number>();
    for (const event of events) {
      if (event.type === "bid") counts.set(event.bidder, (counts.get(event.bidder) ?? 0) + 1);
    }
    let bids = 0;
    for (const count of counts.values()) bids += count;
    return [{ bids }];
  },
});
