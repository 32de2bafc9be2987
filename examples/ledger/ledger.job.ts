/** A job that writes a line per transfer to a file. Nothing in it speaks of failures: the guarantee of the run does. */

import { defineJob, fileLines, generate } from "../../jobs/index.ts";

export interface LedgerParams {
  /** The file that it writes. */
  readonly path: string;
  /** Transfers a second. */
  readonly rate: number;
}

export default defineJob("ledger", import.meta.url, (job, { path, rate }: LedgerParams) => {
  job
    .source("transfers", generate({ rate, from: (index) => ({ number: index, cents: (index * 37) % 1_000 }) }))
    .keyBy(({ number }) => number % 10)
    .scan(
      "balance",
      () => ({ number: 0, cents: 0 }),
      (balance, { number, cents }) => ({ number, cents: balance.cents + cents }),
    )
    .map("line", ({ key, value }) => `${value.number} account ${key} balance ${value.cents}`)
    .sink("ledger", fileLines(path));
});
