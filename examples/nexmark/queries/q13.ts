/** q13: every bid with what a bounded table says of its auction. No bid is joined before the table is there. */

import { fromIterable } from "../../../jobs/index.ts";
import type { Bid } from "../generator/event.ts";
import { defineQuery } from "./query.ts";

interface Row extends Pick<Bid, "auction" | "bidder" | "price" | "dateTime"> {
  readonly value: string;
}

const sideCount = 10_000;
const side = Array.from({ length: sideCount }, (_, key) => ({ key, value: String(key) }));

export const q13 = defineQuery<Row>({
  name: "q13",
  title: "bounded side input: a join with a table",
  columns: ["auction", "bidder", "price", "dateTime", "value"],
  build: ({ job, bids }) =>
    bids
      .keyBy(({ auction }) => auction % sideCount)
      .joinTable(
        "q13",
        job.source("q13-side", fromIterable(side)).asTable("q13-table", ({ key }) => key),
        (bid, { value }) => rowOf(bid, value),
        { awaitTable: true },
      ),
  loop(events) {
    const rows: Row[] = [];
    const table = new Map(side.map(({ key, value }) => [key, value]));
    for (const event of events) {
      if (event.type !== "bid") continue;
      const value = table.get(event.auction % sideCount);
      if (value !== undefined) rows.push(rowOf(event, value));
    }
    return rows;
  },
});

function rowOf({ auction, bidder, price, dateTime }: Bid, value: string): Row {
  return { auction, bidder, price, dateTime, value };
}
