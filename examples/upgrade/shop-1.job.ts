/** The shop, version 1: what each customer has spent, in euros. It is open until it is stopped. */

import { defineJob, fileLines, generate } from "../../jobs/index.ts";
import { orderOf } from "./order.ts";

interface Params {
  readonly folder: string;
}

export default defineJob("shop", import.meta.url, (job, { folder }: Params) => {
  const orders = job.source("orders", generate({ rate: 10_000, from: orderOf }));
  orders
    .keyBy(({ customer }) => customer)
    .scan(
      "spent",
      () => 0,
      (euros, order) => euros + order.euros,
      { parallelism: 2, emit: "end" },
    )
    .toOne()
    .collect("totals");
  orders.sink("journal", fileLines(`${folder}/journal-{instance}.ndjson`), { parallelism: 3 });
});
