/** The auctions with the most bids, all of those that are tied, as an aggregate of counts. */

import type { Aggregate } from "../../../jobs/index.ts";

export interface BidCount {
  readonly auction: number;
  readonly num: number;
}

export const hottest: Aggregate<BidCount, BidCount[], readonly BidCount[]> = {
  create: () => [],
  add(most, count) {
    const num = most[0]?.num ?? 0;
    if (count.num > num) return [count];
    if (count.num === num) most.push(count);
    return most;
  },
  merge(into, from) {
    const [one, other] = [into[0]?.num ?? 0, from[0]?.num ?? 0];
    if (one === other) return [...into, ...from];
    return one > other ? into : [...from];
  },
  finish: (most) => [...most],
};
