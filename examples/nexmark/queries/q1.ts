/** q1: every bid with its price in another currency, as an exact decimal. */

import type { Bid } from "../generator/event.ts";
import { inEuros } from "./bid-values.ts";
import { defineQuery } from "./query.ts";

type Row = Pick<Bid, "auction" | "bidder" | "dateTime" | "extra"> & { readonly price: string };

export const q1 = defineQuery<Row>({
  name: "q1",
  title: "currency conversion",
  columns: ["auction", "bidder", "price", "dateTime", "extra"],
  build: ({ bids }) => bids.map("q1", rowOf),
  loop(events) {
    const rows: Row[] = [];
    for (const event of events) {
      if (event.type === "bid") rows.push(rowOf(event));
    }
    return rows;
  },
});

function rowOf({ auction, bidder, price, dateTime, extra }: Bid): Row {
  return { auction, bidder, price: inEuros(price), dateTime, extra };
}
