/** q0: every bid as it is; what the engine itself costs. */

import type { Bid } from "../generator/event.ts";
import { defineQuery } from "./query.ts";

type Row = Pick<Bid, "auction" | "bidder" | "price" | "dateTime" | "extra">;

export const q0 = defineQuery<Row>({
  name: "q0",
  title: "pass through",
  columns: ["auction", "bidder", "price", "dateTime", "extra"],
  build: ({ bids }) => bids.map("q0", rowOf),
  loop(events) {
    const rows: Row[] = [];
    for (const event of events) {
      if (event.type === "bid") rows.push(rowOf(event));
    }
    return rows;
  },
});

function rowOf({ auction, bidder, price, dateTime, extra }: Bid): Row {
  return { auction, bidder, price, dateTime, extra };
}
