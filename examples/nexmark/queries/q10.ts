/** q10: every bid with the day and the minute by which it is filed. */

import type { Bid } from "../generator/event.ts";
import { dayNumber, dayText, minuteText } from "./calendar.ts";
import { defineQuery } from "./query.ts";

export interface FiledBid extends Pick<Bid, "auction" | "bidder" | "price" | "dateTime" | "extra"> {
  readonly dt: string;
  readonly hm: string;
}

export const q10 = defineQuery<FiledBid>({
  name: "q10",
  title: "log to files, by day and minute",
  columns: ["auction", "bidder", "price", "dateTime", "extra", "dt", "hm"],
  build: ({ bids }) => bids.map("q10", rowOf),
  loop(events) {
    const rows: FiledBid[] = [];
    for (const event of events) {
      if (event.type === "bid") rows.push(rowOf(event));
    }
    return rows;
  },
});

function rowOf({ auction, bidder, price, dateTime, extra }: Bid): FiledBid {
  return { auction, bidder, price, dateTime, extra, dt: dayOf(dateTime), hm: minuteText(dateTime) };
}

let newest = { day: -1, text: "" };

/** The same as for the bid before, nearly always. */
function dayOf(time: number): string {
  const day = dayNumber(time);
  if (day !== newest.day) newest = { day, text: dayText(day) };
  return newest.text;
}
