/**
 * Numbers the receipts of each shop. It has a bug that no test without a fault finds: the numbers are kept in a variable of
 * the job, not in the state of an operator. When the thread dies they begin anew; when an operator goes back to a
 * checkpoint they do not go back with it.
 */

import { defineJob, generate } from "../../jobs/index.ts";
import { saleCount, saleOf } from "./sale.ts";

export default defineJob("receipts-broken", import.meta.url, (job) => {
  const numbers = new Map<string, number>();
  job
    .source("sales", generate({ count: saleCount }))
    .map("read", saleOf)
    .map("number", ({ shop, cents }) => {
      const number = (numbers.get(shop) ?? 0) + 1;
      numbers.set(shop, number);
      return { shop, number, cents };
    })
    .collect("receipts");
});
