/** q4: what auctions of each category bring on average, kept up to date with each higher bid. */

import { aggregate, type Change, count, sum } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
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
  rowsOf,
  // It tells what each higher bid changes, as the query does.
  loop(events) {
    const changes: Change<Totals, number>[] = [];
    const totals = new Map<number, Totals>();
    loopOverWinningBids(events, ({ auction, bid }, outbid) => {
      const key = auction.category;
      const before = totals.get(key);
      const after = withHigherBid(before, bid, outbid);
      totals.set(key, after);
      changes.push(before === undefined ? { kind: "insert", key, after } : { kind: "update", key, before, after });
    });
    return rowsOf(changes);
  },
});

function withHigherBid(before: Totals | undefined, bid: Bid, outbid: Bid | undefined): Totals {
  const { sum, auctions } = before ?? { sum: 0, auctions: 0 };
  return outbid === undefined
    ? { sum: sum + bid.price, auctions: auctions + 1 }
    : { sum: sum + bid.price - outbid.price, auctions };
}

function rowsOf(changes: readonly Change<Totals, number>[]): readonly Row[] {
  const totals = new Map<number, Totals>();
  for (const change of changes) {
    if (change.kind === "delete") totals.delete(change.key);
    else totals.set(change.key, change.after);
  }
  return Array.from(totals, ([category, total]) => rowOf(category, total));
}

function rowOf(category: number, { sum, auctions }: Totals): Row {
  return { category, avg_trunc: Math.floor(sum / auctions), sum_final: sum, n_auctions: auctions };
}
