/** Transaction: the event of the payment jobs, read from a line such as `ann 42.00 7`. */

import type { ProcessContext } from "../../jobs/index.ts";

export interface Transaction {
  readonly id: string;
  readonly user: string;
  readonly amount: number;
  /** Number of the shop. Shops stand along one street: from one to the next it is a second's walk. */
  readonly shop: number;
  /** When, in ms since the epoch. */
  readonly atMs: number;
}

const form = /^(?<user>[a-z]+)\s+(?<amount>\d+(?:\.\d\d)?)\s+(?<shop>\d{1,9})(?:\s+@(?<seconds>\d{1,9}))?$/i;

/** Reads lines. The time of a transaction is that of its arrival, unless the line says it: `ann 42.00 7 @3600`. */
export class TransactionReader {
  #count = 0;

  onEvent(line: string, context: ProcessContext<Transaction>): void {
    const fields = form.exec(line.trim())?.groups as
      | { user: string; amount: string; shop: string; seconds?: string }
      | undefined;
    if (fields === undefined) {
      throw new SyntaxError(`expected "<user> <amount> <shop>" such as "ann 42.00 7", got ${JSON.stringify(line)}`);
    }
    this.#count += 1;
    context.emit({
      id: `t${this.#count}`,
      user: fields.user,
      amount: Number(fields.amount),
      shop: Number(fields.shop),
      atMs: fields.seconds === undefined ? context.clock.wallMs() : Number(fields.seconds) * 1_000,
    });
  }
}
