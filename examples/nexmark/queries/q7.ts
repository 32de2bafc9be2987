/**
 * q7: the highest bids of every ten seconds. The query for Apache Flink joins bids with the highest price of a window by that price, from its
 * start to its end, both included; so a bid right at the end may be one of the highest of the window before it, too. Only such bids have
 * to be joined here: those in a window are compared with each other where they are.
 */

import { tumbling } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
import { highest } from "./highest.ts";
import { defineQuery } from "./query.ts";

type Row = Pick<Bid, "auction" | "bidder" | "price" | "dateTime" | "extra">;

const sizeMs = 10_000;

export const q7 = defineQuery<Row>({
  name: "q7",
  title: "highest bids of each window",
  columns: ["auction", "bidder", "price", "dateTime", "extra"],
  build({ bids }) {
    const windows = bids.window("q7-windows", tumbling(sizeMs), highest);
    const within = windows.flatMap("q7-within", ({ value }) => value.map(rowOf));
    const atEnd = bids
      .filter("q7-ends", ({ dateTime }) => dateTime % sizeMs === 0)
      .keyBy(({ price }) => price)
      .intervalJoin(
        "q7-at-end",
        windows.keyBy(({ value }) => value[0]?.price ?? 0),
        // The time of a window is its last moment.
        { lower: -1, upper: -1 },
        rowOf,
      );
    return within.union(atEnd);
  },
  loop(events) {
    const rows: Row[] = [];
    const windows = new Map<number, Bid[]>();
    const atEnds: Bid[] = [];
    for (const event of events) {
      if (event.type !== "bid") continue;
      const start = event.dateTime - (event.dateTime % sizeMs);
      const bids = windows.get(start);
      const price = bids?.[0]?.price ?? 0;
      if (event.price > price) windows.set(start, [event]);
      else if (event.price === price) bids?.push(event);
      if (event.dateTime === start) atEnds.push(event);
    }
    for (const bids of windows.values()) rows.push(...bids.map(rowOf));
    for (const bid of atEnds) {
      if (windows.get(bid.dateTime - sizeMs)?.[0]?.price === bid.price) rows.push(rowOf(bid));
    }
    return rows;
  },
});

function rowOf({ auction, bidder, price, dateTime, extra }: Bid): Row {
  return { auction, bidder, price, dateTime, extra };
}
