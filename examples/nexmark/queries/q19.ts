/** q19: the ten highest bids for each auction, with their ranks. */

import type { KeyedValue } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
import { highestBids } from "./highest-bids.ts";
import { lastOfKey } from "./last-of-key.ts";
import { defineUpdatingQuery } from "./query.ts";

type Row = Bid & { readonly rank_number: number };

const topTen = highestBids(10);

export const q19 = defineUpdatingQuery<Row, KeyedValue<number, readonly Bid[]>>({
  name: "q19",
  title: "ten highest bids for each auction, with ranks",
  columns: ["auction", "bidder", "price", "channel", "url", "dateTime", "extra", "rank_number"],
  build: ({ bids }) => bids.keyBy(({ auction }) => auction).aggregate("q19", topTen, { emit: "batch" }),
  rowsOf: (results) => [...lastOfKey(results).values()].flatMap(rowsOf),
  loop(events) {
    const highest = new Map<number, Bid[]>();
    for (const event of events) {
      if (event.type !== "bid") continue;
      const before = highest.get(event.auction);
      if (before === undefined) highest.set(event.auction, [event]);
      else topTen.add(before, event);
    }
    return [...highest.values()].flatMap(rowsOf);
  },
});

function rowsOf(bids: readonly Bid[]): Row[] {
  return bids.map((bid, index) => ({ ...bid, rank_number: index + 1 }));
}
