/** Chapter 5: how much the system is used. Each analyzer counts its transactions, and asks a service which are frauds. */

import { defineJob, type ProcessContext, serviceToken, tcpListen } from "../../jobs/index.ts";
import { type Transaction, TransactionReader } from "./transaction.ts";

export interface Usage {
  readonly countedBy: string;
  readonly transaction: Transaction;
  readonly transactions: number;
  readonly frauds: number;
}

/** Stands for the store that another team keeps. */
interface FraudStore {
  isFraud(transaction: Transaction): boolean;
}

const fraudStore = serviceToken<FraudStore>("fraud-store");

class UsageAnalyzer {
  #transactions = 0;
  #frauds = 0;

  onEvent(transaction: Transaction, context: ProcessContext<Usage>): void {
    this.#transactions += 1;
    if (context.services.get(fraudStore).isFraud(transaction)) this.#frauds += 1;
    const countedBy = `${context.operator} ${context.instance}`;
    context.emit({ countedBy, transaction, transactions: this.#transactions, frauds: this.#frauds });
  }
}

export const systemUsage = defineJob("system-usage", import.meta.url, (job, { port }: { port: number }) => {
  // One per thread that needs it, made there and disposed when the job ends.
  job.provide(fraudStore, () => ({ isFraud: ({ amount }) => amount >= 1_000 }));

  job
    .source("transactions", tcpListen({ port }))
    .process("read", TransactionReader, { supervision: "resume" })
    .keyBy(({ id }) => id)
    .process("analyzer", UsageAnalyzer, { parallelism: 2 })
    .output("updates");
});
