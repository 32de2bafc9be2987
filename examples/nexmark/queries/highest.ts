/** The bids with the highest price, all of those that are tied, as an aggregate. */

import type { Aggregate } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";

export const highest: Aggregate<Bid, Bid[], readonly Bid[]> = {
  create: () => [],
  add(bids, bid) {
    const price = bids[0]?.price ?? 0;
    if (bid.price > price) return [bid];
    if (bid.price === price) bids.push(bid);
    return bids;
  },
  merge(into, from) {
    const [one, other] = [into[0]?.price ?? 0, from[0]?.price ?? 0];
    if (one === other) return [...into, ...from];
    return one > other ? into : [...from];
  },
  finish: (bids) => [...bids],
};
