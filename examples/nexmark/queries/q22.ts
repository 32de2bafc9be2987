/** q22: every bid with the directories of its url. */

import type { Bid } from "../generator/event.ts";
import { defineQuery } from "./query.ts";

interface Row extends Pick<Bid, "auction" | "bidder" | "price" | "channel"> {
  readonly dir1: string | undefined;
  readonly dir2: string | undefined;
  readonly dir3: string | undefined;
}

export const q22 = defineQuery<Row>({
  name: "q22",
  title: "directories of the url",
  columns: ["auction", "bidder", "price", "channel", "dir1", "dir2", "dir3"],
  build: ({ bids }) => bids.map("q22", rowOf),
  loop(events) {
    const rows: Row[] = [];
    for (const event of events) {
      if (event.type === "bid") rows.push(rowOf(event));
    }
    return rows;
  },
});

function rowOf({ auction, bidder, price, channel, url }: Bid): Row {
  const [, , , dir1, dir2, dir3] = url.split("/");
  return { auction, bidder, price, channel, dir1, dir2, dir3 };
}
