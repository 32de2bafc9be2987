/** q17: the bids for each auction and day: how many by rank, and the lowest, highest, mean and sum of their prices. */

import { aggregate, count, type KeyedValue, max, min, sum } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
import { rankOf } from "./bid-values.ts";
import { dayNumber, dayText } from "./calendar.ts";
import { lastOfKey } from "./last-of-key.ts";
import { defineUpdatingQuery } from "./query.ts";

interface Row {
  readonly auction: number;
  readonly day: string;
  readonly total_bids: number;
  readonly rank1_bids: number;
  readonly rank2_bids: number;
  readonly rank3_bids: number;
  readonly min_price: number;
  readonly max_price: number;
  readonly avg_price_trunc: number;
  readonly sum_price: number;
}

type Prices = Omit<Row, "auction" | "day" | "avg_price_trunc">;

export const q17 = defineUpdatingQuery<Row, KeyedValue<string, Prices>>({
  name: "q17",
  title: "auction statistics of a day",
  columns: [
    "auction",
    "day",
    "total_bids",
    "rank1_bids",
    "rank2_bids",
    "rank3_bids",
    "min_price",
    "max_price",
    "avg_price_trunc",
    "sum_price",
  ],
  build: ({ bids }) =>
    bids.keyBy(auctionAndDay).aggregate(
      "q17",
      aggregate<Bid, Prices>({
        total_bids: count(),
        rank1_bids: sum(({ price }) => (rankOf(price) === 1 ? 1 : 0)),
        rank2_bids: sum(({ price }) => (rankOf(price) === 2 ? 1 : 0)),
        rank3_bids: sum(({ price }) => (rankOf(price) === 3 ? 1 : 0)),
        min_price: min(({ price }) => price),
        max_price: max(({ price }) => price),
        sum_price: sum(({ price }) => price),
      }),
      { emit: "batch" },
    ),
  rowsOf: (results) => Array.from(lastOfKey(results), ([key, prices]) => rowOf(key, prices)),
  loop(events) {
    const all = new Map<string, { -readonly [N in keyof Prices]: Prices[N] }>();
    for (const event of events) {
      if (event.type !== "bid") continue;
      const key = auctionAndDay(event);
      const { price } = event;
      let prices = all.get(key);
      if (prices === undefined) {
        prices = {
          total_bids: 0,
          rank1_bids: 0,
          rank2_bids: 0,
          rank3_bids: 0,
          min_price: price,
          max_price: price,
          sum_price: 0,
        };
        all.set(key, prices);
      }
      prices.total_bids += 1;
      prices[`rank${rankOf(price)}_bids`] += 1;
      prices.min_price = Math.min(prices.min_price, price);
      prices.max_price = Math.max(prices.max_price, price);
      prices.sum_price += price;
    }
    return Array.from(all, ([key, prices]) => rowOf(key, prices));
  },
});

function auctionAndDay({ auction, dateTime }: Bid): string {
  return `${auction} ${dayNumber(dateTime)}`;
}

function rowOf(key: string, prices: Prices): Row {
  const [auction, day] = key.split(" ").map(Number);
  const avg_price_trunc = Math.floor(prices.sum_price / prices.total_bids);
  return { auction: auction as number, day: dayText(day as number), ...prices, avg_price_trunc };
}
