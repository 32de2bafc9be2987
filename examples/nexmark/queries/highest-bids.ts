/** The highest bids, in order, as an aggregate: of equal ones the earlier, and of those the one that came first. */

import type { Aggregate } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";

export function highestBids(count: number): Aggregate<Bid, Bid[], readonly Bid[]> {
  return {
    create: () => [],
    add(highest, bid) {
      let place = highest.length;
      while (place > 0 && isBefore(bid, highest[place - 1] as Bid)) place -= 1;
      if (place === count) return highest;
      if (highest.length === count) highest.pop();
      highest.splice(place, 0, bid);
      return highest;
    },
    finish: (highest) => [...highest],
  };
}

function isBefore(bid: Bid, other: Bid): boolean {
  return bid.price > other.price || (bid.price === other.price && bid.dateTime < other.dateTime);
}
