/** q4: what auctions of each category bring on average, kept up to date with each higher bid. */

import { aggregate, type Change, count, sum } from "../../../jobs/index.ts";
import { defineUpdatingQuery } from "./query.ts";
import { loopOverWinningBids, winningBids } from "./winning-bids.ts";

interface Row {
  readonly category: number;
  readonly avg_trunc: number;
  readonly sum_final: number;
  readonly n_auctions: number;
}

interface Totals {
  readonly sum: number;
  readonly auctions: number;
}

export const q4 = defineUpdatingQuery<Row, Change<Totals, number>>({
  name: "q4",
  title: "average price of a category: the winning bids of q9, and an average that takes back",
  columns: ["category", "avg_trunc", "sum_final", "n_auctions"],
  build: (streams) =>
    winningBids("q4-winning", streams)
      .asTable("q4-prices", ({ key }) => key, {
        row: ({ value: { auction, bid } }) => ({ category: auction.category, price: bid.price }),
      })
      .groupBy(({ category }) => category)
      .aggregate(
        "q4-averages",
        aggregate<{ readonly price: number }, Totals>({ sum: sum(({ price }) => price), auctions: count() }),
      )
      .changes(),
  rowsOf(changes) {
    const rows = new Map<number, Row>();
    for (const change of changes) {
      if (change.kind === "delete") rows.delete(change.key);
      else rows.set(change.key, rowOf(change.key, change.after));
    }
    return [...rows.values()];
  },
  loop(events) {
    const totals = new Map<number, { sum: number; auctions: number }>();
    for (const { auction, bid } of loopOverWinningBids(events)) {
      const total = totals.get(auction.category);
      if (total === undefined) totals.set(auction.category, { sum: bid.price, auctions: 1 });
      else {
        total.sum += bid.price;
        total.auctions += 1;
      }
    }
    return Array.from(totals, ([category, total]) => rowOf(category, total));
  },
});

function rowOf(category: number, { sum, auctions }: Totals): Row {
  return { category, avg_trunc: Math.floor(sum / auctions), sum_final: sum, n_auctions: auctions };
}
