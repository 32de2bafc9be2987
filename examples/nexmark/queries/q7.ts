/**
 * q7: the highest bids of every ten seconds. As the query for Apache Flink has it: bids are joined with the highest price of a window by
 * that price, from its start to its end, both included; so a bid right at the end may be one of the highest of the window before it, too.
 */

import { max, tumbling } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
import { defineQuery } from "./query.ts";

type Row = Pick<Bid, "auction" | "bidder" | "price" | "dateTime" | "extra">;

const sizeMs = 10_000;

export const q7 = defineQuery<Row>({
  name: "q7",
  title: "highest bid of each window, joined back to the bids",
  columns: ["auction", "bidder", "price", "dateTime", "extra"],
  build: ({ bids }) =>
    bids
      .keyBy(({ price }) => price)
      .intervalJoin(
        "q7",
        bids
          .window(
            "q7-highest",
            tumbling(sizeMs),
            max(({ price }: Bid) => price),
          )
          .keyBy(({ value }) => value),
        // The time of a window is its last moment.
        { lower: -1, upper: sizeMs - 1 },
        rowOf,
      ),
  loop(events) {
    const rows: Row[] = [];
    const highest = new Map<number, Bid[]>();
    const atEnds: Bid[] = [];
    for (const event of events) {
      if (event.type !== "bid") continue;
      const start = event.dateTime - (event.dateTime % sizeMs);
      const bids = highest.get(start);
      const price = bids?.[0]?.price ?? 0;
      if (event.price > price) highest.set(start, [event]);
      else if (event.price === price) bids?.push(event);
      if (event.dateTime === start) atEnds.push(event);
    }
    for (const bids of highest.values()) rows.push(...bids.map(rowOf));
    for (const bid of atEnds) {
      if (highest.get(bid.dateTime - sizeMs)?.[0]?.price === bid.price) rows.push(rowOf(bid));
    }
    return rows;
  },
});

function rowOf({ auction, bidder, price, dateTime, extra }: Bid): Row {
  return { auction, bidder, price, dateTime, extra };
}
