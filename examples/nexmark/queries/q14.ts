/** q14: bids of a certain price, with what is worked out of each. */

import type { Bid } from "../generator/event.ts";
import { type BidTime, bidTimeOf, inEuros, occurrences } from "./bid-values.ts";
import { defineQuery } from "./query.ts";

interface Row extends Pick<Bid, "auction" | "bidder" | "dateTime" | "extra"> {
  readonly price: string;
  readonly bidTimeType: BidTime;
  readonly c_counts: number;
}

export const q14 = defineQuery<Row>({
  name: "q14",
  title: "calculation",
  columns: ["auction", "bidder", "price", "bidTimeType", "dateTime", "extra", "c_counts"],
  build: ({ bids }) => bids.filter("q14-selected", isSelected).map("q14", rowOf),
  loop(events) {
    const rows: Row[] = [];
    for (const event of events) {
      if (event.type === "bid" && isSelected(event)) rows.push(rowOf(event));
    }
    return rows;
  },
});

/** More than 1,000,000 and less than 50,000,000 at 0.908 euros. */
function isSelected({ price }: Bid): boolean {
  const thousandths = price * 908;
  return thousandths > 1_000_000_000 && thousandths < 50_000_000_000;
}

function rowOf({ auction, bidder, price, dateTime, extra }: Bid): Row {
  return {
    auction,
    bidder,
    price: inEuros(price),
    bidTimeType: bidTimeOf(dateTime),
    dateTime,
    extra,
    c_counts: occurrences(extra, "c"),
  };
}
