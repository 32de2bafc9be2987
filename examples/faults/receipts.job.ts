/** The same with the bug mended: the number is the state of an operator, per key, and part of every checkpoint. */

import { defineJob, generate } from "../../jobs/index.ts";
import { type Sale, saleCount, saleOf } from "./sale.ts";

export default defineJob("receipts", import.meta.url, (job) => {
  job
    .source("sales", generate({ count: saleCount }))
    .map("read", saleOf)
    .keyBy(({ shop }) => shop)
    .scan(
      "number",
      () => ({ number: 0, cents: 0 }),
      ({ number }, { cents }: Sale) => ({ number: number + 1, cents }),
    )
    .map("receipt", ({ key, value }) => ({ shop: key, ...value }))
    .collect("receipts");
});
