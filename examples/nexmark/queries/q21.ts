/** q21: every bid with the id of its channel, which the url may name; those without one are left out. */

import type { Bid } from "../generator/event.ts";
import { channelIdOf } from "./bid-values.ts";
import { defineQuery } from "./query.ts";

interface Row extends Pick<Bid, "auction" | "bidder" | "price" | "channel"> {
  readonly channel_id: string;
}

const none: readonly Row[] = [];

export const q21 = defineQuery<Row>({
  name: "q21",
  title: "id of the channel, by a regular expression",
  columns: ["auction", "bidder", "price", "channel", "channel_id"],
  build: ({ bids }) =>
    bids.flatMap("q21", (bid) => {
      const channel_id = channelIdOf(bid);
      return channel_id === undefined ? none : [rowOf(bid, channel_id)];
    }),
  loop(events) {
    const rows: Row[] = [];
    for (const event of events) {
      if (event.type !== "bid") continue;
      const channel_id = channelIdOf(event);
      if (channel_id !== undefined) rows.push(rowOf(event, channel_id));
    }
    return rows;
  },
});

function rowOf({ auction, bidder, price, channel }: Bid, channel_id: string): Row {
  return { auction, bidder, price, channel, channel_id };
}
