/** q9: every auction with its winning bid. */

import type { KeyedValue } from "../../../jobs/index.ts";
import type { Auction } from "../generator/event.ts";
import { lastOfKey } from "./last-of-key.ts";
import { defineUpdatingQuery } from "./query.ts";
import { loopOverWinningBids, type Sale, winningBids } from "./winning-bids.ts";

interface Row extends Omit<Auction, "type"> {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly bid_dateTime: number;
  readonly bid_extra: string;
}

export const q9 = defineUpdatingQuery<Row, KeyedValue<number, Sale>>({
  name: "q9",
  title: "winning bids: an operator of two streams with its own state",
  columns: [
    "id",
    "itemName",
    "description",
    "initialBid",
    "reserve",
    "dateTime",
    "expires",
    "seller",
    "category",
    "extra",
    "auction",
    "bidder",
    "price",
    "bid_dateTime",
    "bid_extra",
  ],
  build: (streams) => winningBids("q9", streams),
  rowsOf: (results) => Array.from(lastOfKey(results).values(), rowOf),
  loop: (events) => Array.from(loopOverWinningBids(events), rowOf),
});

function rowOf({ auction: { type: _, ...auction }, bid }: Sale): Row {
  const { auction: id, bidder, price, dateTime: bid_dateTime, extra: bid_extra } = bid;
  return { ...auction, auction: id, bidder, price, bid_dateTime, bid_extra };
}
