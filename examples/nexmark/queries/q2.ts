/** q2: the bids for certain auctions. */

import type { Bid } from "../generator/event.ts";
import { defineQuery } from "./query.ts";

type Row = Pick<Bid, "auction" | "price">;

export const q2 = defineQuery<Row>({
  name: "q2",
  title: "selection",
  columns: ["auction", "price"],
  build: ({ bids }) => bids.filter("q2-selected", isSelected).map("q2", ({ auction, price }) => ({ auction, price })),
  loop(events) {
    const rows: Row[] = [];
    for (const event of events) {
      if (event.type === "bid" && isSelected(event)) rows.push({ auction: event.auction, price: event.price });
    }
    return rows;
  },
});

function isSelected({ auction }: Bid): boolean {
  return auction % 123 === 0;
}
