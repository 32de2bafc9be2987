/** q18: the last bid of each bidder for each auction; of several at one time the one that came last. */

import type { KeyedValue } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
import { lastOfKey } from "./last-of-key.ts";
import { defineUpdatingQuery } from "./query.ts";

export const q18 = defineUpdatingQuery<Bid, KeyedValue<string, Bid>>({
  name: "q18",
  title: "last bid of a bidder for an auction: the newest of each key",
  columns: ["auction", "bidder", "price", "channel", "url", "dateTime", "extra"],
  build: ({ bids }) => bids.keyBy(bidderAndAuction).reduce("q18", laterOf, { emit: "batch" }),
  rowsOf: (results) => [...lastOfKey(results).values()],
  loop(events) {
    const last = new Map<string, Bid>();
    for (const event of events) {
      if (event.type !== "bid") continue;
      const key = bidderAndAuction(event);
      const before = last.get(key);
      last.set(key, before === undefined ? event : laterOf(before, event));
    }
    return [...last.values()];
  },
});

function bidderAndAuction({ bidder, auction }: Bid): string {
  return `${bidder} ${auction}`;
}

function laterOf(before: Bid, bid: Bid): Bid {
  return bid.dateTime >= before.dateTime ? bid : before;
}
