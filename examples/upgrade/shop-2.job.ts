/**
 * The shop, version 2: cents instead of euros, and how many orders. The operator has a better name and one instance more;
 * the journal is written by one instance instead of three.
 */

import { defineJob, fileLines, generate } from "../../jobs/index.ts";
import { orderOf } from "./order.ts";

interface Params {
  readonly folder: string;
  /** The shop closes behind so many orders, those that version 1 read included. */
  readonly orderCount: number;
}

export interface Total {
  readonly cents: number;
  /** Since version 2. */
  readonly orders: number;
}

export default defineJob("shop", import.meta.url, (job, { folder, orderCount }: Params) => {
  const orders = job.source("orders", generate({ count: orderCount, from: orderOf }));
  orders
    .keyBy(({ customer }) => customer)
    .scan(
      "totals-per-customer",
      (): Total => ({ cents: 0, orders: 0 }),
      (total, order) => ({ cents: total.cents + order.euros * 100, orders: total.orders + 1 }),
      {
        renamedFrom: "spent",
        version: 2,
        migrate: { 1: (euros: number): Total => ({ cents: euros * 100, orders: 0 }) },
        parallelism: 3,
        emit: "end",
      },
    )
    .toOne()
    .collect("totals");
  orders.sink("journal", fileLines(`${folder}/journal-{instance}.ndjson`), { parallelism: 1 });
});
